package out

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/leasehold/leasehold/cell"
)

// Format is how things are printed.
type Format string

// The formats. Value is the bare thing, where there is one.
const (
	Table Format = "table"
	JSON  Format = "json"
	JSONL Format = "jsonl"
	Value Format = "value"
)

// ParseFormat reads the -o flag. Errors wrap cell.ErrUsage.
func ParseFormat(s string) (Format, error) {
	switch f := Format(s); f {
	case Table, JSON, JSONL, Value:
		return f, nil
	}
	return "", fmt.Errorf("%w: -o %q is not table, json, jsonl or value", cell.ErrUsage, s)
}

// Machine reports whether programs read this format.
func (f Format) Machine() bool { return f == JSON || f == JSONL }

// Printer writes to one place in one format.
type Printer struct {
	To     io.Writer
	Format Format
}

// rows is a table: cells separated, lines in order.
type rows [][]string

// one prints a single thing.
func (p Printer) one(v any, table rows, value string) error {
	switch p.Format {
	case JSON:
		return p.document(v)
	case JSONL:
		return p.line(v)
	case Value:
		_, err := io.WriteString(p.To, value)
		return err
	}
	return p.table(table)
}

// list prints several things of a kind: an array, or an object a line. The slice must not be nil.
func list[T any](p Printer, items []T, table rows, value string) error {
	if p.Format != JSONL {
		return p.one(items, table, value)
	}
	for _, v := range items {
		if err := p.line(v); err != nil {
			return err
		}
	}
	return nil
}

// stream prints one of many things of which more will come.
func (p Printer) stream(v any, line string) error {
	if p.Format.Machine() {
		return p.line(v)
	}
	_, err := fmt.Fprintln(p.To, line)
	return err
}

func (p Printer) document(v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return err
	}
	_, err = p.To.Write(b.Bytes())
	return err
}

func (p Printer) line(v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	_, err = p.To.Write(text)
	return err
}

// encode is compact JSON and a newline, with <, > and & as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

func (p Printer) table(lines rows) error {
	w := tabwriter.NewWriter(p.To, 0, 0, 2, ' ', 0)
	for _, cells := range lines {
		if _, err := fmt.Fprintln(w, strings.Join(cells, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}
