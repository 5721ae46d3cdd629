package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/leasehold/leasehold/tools/bench/measure"
)

// Report is a run. Systems and Cases give the order of the tables; the first system is the one
// that ratios are about.
type Report struct {
	Began, Ended time.Time
	Command      string
	Rounds       int
	Machine      []string
	Notes        []string // how it was measured
	Systems      []System
	Cases        []string
	Results      []measure.Result
}

// System is a row of the tables. Missing, if any, is why it was left out.
type System struct {
	Name    string
	Facts   []string
	Missing string
}

// Write renders the report.
func (r *Report) Write(to io.Writer) error {
	var b strings.Builder
	r.head(&b)
	r.ratios(&b)
	for _, c := range r.Cases {
		r.table(&b, c)
	}
	r.failures(&b)
	_, err := io.WriteString(to, b.String())
	return err
}

func (r *Report) head(b *strings.Builder) {
	fmt.Fprintf(b, "# leasehold beside its peers\n\nMeasured %s to %s. To repeat, in tools/bench: `%s`\n\n",
		r.Began.UTC().Format("2006-01-02 15:04"), r.Ended.UTC().Format("15:04 MST"), r.Command)
	list(b, r.Machine)
	fmt.Fprintf(b, "\n## Systems\n\n")
	for _, s := range r.Systems {
		what := strings.Join(s.Facts, "; ")
		if s.Missing != "" {
			what = "left out: " + s.Missing
		}
		fmt.Fprintf(b, "- **%s** %s\n", s.Name, what)
	}
	fmt.Fprintf(b, "\n## How\n\n")
	list(b, r.Notes)
}

func list(b *strings.Builder, lines []string) {
	for _, line := range lines {
		fmt.Fprintf(b, "- %s\n", line)
	}
}

// leading are the values that ratios are made of, if a case has them.
var leading = []string{"rate", "p50", "p99", "gap", "made at", "memory a node and server", "opened at",
	"memory a session, five servers", "CPU with sessions", "with mapped files", "memory after a restart",
	"start of all until a write", "p99 with"}

// ratios tells, value by value, how many times better the first system is than each other one.
func (r *Report) ratios(b *strings.Builder) {
	if len(r.Systems) < 2 {
		return
	}
	first := r.Systems[0].Name
	fmt.Fprintf(b, "\n## Ratios\n\nHow many times better %s is (above 1: better), of the medians.\n\n", first)
	header := []string{"case", "value", first}
	for _, s := range r.Systems[1:] {
		header = append(header, "beside "+s.Name)
	}
	row(b, header)
	rule(b, len(header))
	for _, c := range r.Cases {
		for _, own := range measure.Medians(r.Results, first, c) {
			if !slices.Contains(leading, own.Name) {
				continue
			}
			cells := []string{c, own.Name, number(own.Median) + " " + own.Unit.Name}
			for _, s := range r.Systems[1:] {
				cells = append(cells, ratio(own, measure.Medians(r.Results, s.Name, c)))
			}
			row(b, cells)
		}
	}
}

func ratio(own measure.Spread, others []measure.Spread) string {
	for _, other := range others {
		if other.Name != own.Name || own.Median <= 0 || other.Median <= 0 {
			continue
		}
		x := own.Median / other.Median
		if !own.Unit.MoreBetter {
			x = 1 / x
		}
		return fmt.Sprintf("%.2f", x)
	}
	return "–"
}

// table is one case: a row a system, a column a value.
func (r *Report) table(b *strings.Builder, name string) {
	fmt.Fprintf(b, "\n## %s\n\n", name)
	var columns []string
	units := map[string]string{}
	for _, s := range r.Systems {
		for _, v := range measure.Medians(r.Results, s.Name, name) {
			if _, known := units[v.Name]; !known {
				columns = append(columns, v.Name)
				units[v.Name] = v.Unit.Name
			}
		}
	}
	if len(columns) == 0 {
		fmt.Fprintf(b, "Nothing was measured.\n")
		return
	}
	header := []string{"system"}
	for _, c := range columns {
		header = append(header, strings.TrimSpace(c+" "+units[c]))
	}
	row(b, append(header, "rounds"))
	rule(b, len(header)+1)
	for _, s := range r.Systems {
		row(b, r.cells(s.Name, name, columns))
	}
}

// cells has the spread of the first column, which is the one that a case is about.
func (r *Report) cells(system, name string, columns []string) []string {
	spreads := measure.Medians(r.Results, system, name)
	cells, rounds := []string{system}, 0
	for i, c := range columns {
		cell := "–"
		for _, v := range spreads {
			if v.Name != c {
				continue
			}
			cell, rounds = number(v.Median), max(rounds, v.Rounds)
			if i == 0 && v.Rounds > 1 {
				cell += fmt.Sprintf(" (%s–%s)", number(v.Low), number(v.High))
			}
		}
		cells = append(cells, cell)
	}
	return append(cells, fmt.Sprint(rounds))
}

func (r *Report) failures(b *strings.Builder) {
	said := false
	for _, x := range r.Results {
		if x.Error == "" {
			continue
		}
		if !said {
			fmt.Fprintf(b, "\n## What failed\n\n")
			said = true
		}
		fmt.Fprintf(b, "- %s, %s, round %d: %s\n", x.System, x.Case, x.Round, x.Error)
	}
}

func row(b *strings.Builder, cells []string) { fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | ")) }

func rule(b *strings.Builder, columns int) {
	b.WriteString("|---" + strings.Repeat("|---:", columns-1) + "|\n")
}

// number has three digits that count, and no more than it needs.
func number(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x >= 100 || x <= -100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.3g", x)
}
