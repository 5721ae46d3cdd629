package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/leasehold/leasehold/cell"
)

// Dev is a whole cell in one process. Ports of 0 are to be chosen by who listens.
type Dev struct {
	Dir       string
	Temporary bool // made for this run; to be removed when it stops
	Replicas  []Config
}

const devReplicas = 5

// DevOptions are the flags of celld dev. A Dir of "" asks for a temporary directory.
type DevOptions struct {
	Dir, Listen string // Listen "" is loopback at FirstPort
	Sources     Sources
}

// LoadDev makes the configuration of a whole cell. In a directory that Init made it is what the
// files say; elsewhere there are five replicas with the addresses of Listen, born here if no
// data directory exists. Errors of the user's wrap cell.ErrUsage.
func LoadDev(o DevOptions) (d Dev, warnings []string, err error) {
	o = o.ofWhole()
	if d.Dir, d.Temporary, err = devDir(o.Dir); err != nil {
		return d, nil, err
	}
	files, err := filepath.Glob(filepath.Join(d.Dir, "replica-*.yaml"))
	if err != nil {
		return d, nil, err
	}
	if len(files) > 0 {
		return d.fromFiles(o, len(files))
	}
	err = d.fresh(o)
	if err != nil && d.Temporary {
		err = errors.Join(err, os.RemoveAll(d.Dir))
	}
	return d, nil, err
}

// ofWhole takes from the environment what there can be only one of: CELLD_DIR is the whole cell's
// directory, and no replica's; CELLD_ID means nothing here.
func (o DevOptions) ofWhole() DevOptions {
	env := o.Sources.Env
	if dir, ok := env("CELLD_DIR"); ok && o.Dir == "" {
		o.Dir = dir
	}
	o.Sources.Env = func(name string) (string, bool) {
		if name == "CELLD_DIR" || name == "CELLD_ID" {
			return "", false
		}
		return env(name)
	}
	return o
}

func devDir(dir string) (path string, temporary bool, err error) {
	if dir == "" {
		path, err = os.MkdirTemp("", "celld-dev-")
		return path, true, err
	}
	path, err = filepath.Abs(dir)
	return path, false, err
}

func (d Dev) fromFiles(o DevOptions, n int) (Dev, []string, error) {
	if o.Listen != "" {
		return d, nil, wrong("--listen", fmt.Sprintf("the addresses stand in the files of %s", d.Dir))
	}
	var warnings []string
	for id := range n {
		s := o.Sources
		s.File = FileOf(d.Dir, cell.ReplicaID(id+1))
		c, w, err := Load(s)
		if err != nil {
			return d, nil, err
		}
		d.Replicas, warnings = append(d.Replicas, c), w
	}
	return d, warnings, nil
}

func (d *Dev) fresh(o DevOptions) error {
	members, err := devMembers(o.Listen)
	if err != nil {
		return err
	}
	base, err := o.Sources.merge()
	if err != nil {
		return err
	}
	for _, m := range members {
		c := base
		c.ID, c.Dir, c.Replicas = m.ID, DataDir(d.Dir, m.ID), members
		d.Replicas = append(d.Replicas, c)
	}
	if err := checkCellName(base.Cell); err != nil {
		return err
	}
	if why := base.Lengths.Invalid(); why != "" {
		return wrong("", why)
	}
	if born, err := anyData(d.Dir, members); born || err != nil {
		return err
	}
	return Bear(d.Dir, base.Cell, members, "")
}

// devMembers are the addresses of --listen; with port 0 every port is free.
func devMembers(listen string) (cell.Members, error) {
	if listen == "" {
		listen = fmt.Sprintf("127.0.0.1:%d", FirstPort)
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil || host == "" || port != "0" {
		return OneHost(listen, devReplicas)
	}
	free := net.JoinHostPort(host, "0")
	var members cell.Members
	for id := range devReplicas {
		members = append(members, cell.Member{ID: cell.ReplicaID(id + 1), Client: free, Peer: free, HTTP: free})
	}
	return members, nil
}

func anyData(dir string, members cell.Members) (bool, error) {
	for _, m := range members {
		_, err := os.Lstat(DataDir(dir, m.ID))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return true, err
		}
	}
	return false, nil
}
