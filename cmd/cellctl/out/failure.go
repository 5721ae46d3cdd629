package out

import (
	"fmt"
	"io"

	"github.com/leasehold/leasehold/client"
)

// Failure is why a command failed, as people and programs read it.
type Failure struct {
	Error     string
	Code      string // the catalogue's word
	Exit      int
	Outcome   *client.Outcome // nil where nothing was asked of the cell
	Endpoints []client.EndpointError
}

type failureJSON struct {
	Error     string         `json:"error"`
	Code      string         `json:"code"`
	Exit      int            `json:"exit"`
	Outcome   *string        `json:"outcome"`
	Endpoints []endpointJSON `json:"endpoints"`
}

type endpointJSON struct {
	Endpoint string `json:"endpoint"`
	Error    string `json:"error"`
}

// Fail prints a failure: one line, or the error object.
func (f Format) Fail(to io.Writer, why Failure) error {
	if !f.Machine() {
		_, err := fmt.Fprintf(to, "cellctl: %s\n", why.Error)
		return err
	}
	j := failureJSON{Error: why.Error, Code: why.Code, Exit: why.Exit, Endpoints: []endpointJSON{}}
	if why.Outcome != nil {
		o := why.Outcome.String()
		j.Outcome = &o
	}
	for _, e := range why.Endpoints {
		j.Endpoints = append(j.Endpoints, endpointJSON{e.Endpoint, e.Err.Error()})
	}
	return Printer{to, f}.line(j)
}

// Version is what cellctl says of itself.
type Version struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	Format  int    `json:"format"`
}

// Version prints it.
func (p Printer) Version(v Version) error {
	return p.one(v, rows{{fmt.Sprintf("cellctl %s %s format %d", v.Version, v.Go, v.Format)}}, "")
}
