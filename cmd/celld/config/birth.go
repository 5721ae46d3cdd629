package config

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/wal"
)

// DataDir is where replica id keeps its data below dir.
func DataDir(dir string, id cell.ReplicaID) string {
	return filepath.Join(dir, fmt.Sprintf("data-%d", id))
}

// FileOf is the configuration file of replica id in dir.
func FileOf(dir string, id cell.ReplicaID) string {
	return filepath.Join(dir, fmt.Sprintf("replica-%d.yaml", id))
}

// Init makes a new cell in dir: for each replica its configuration file and its data directory
// with a birth record; with secure certificates too. If any of them exists it makes nothing (Z11).
// It returns warnings.
func Init(dir, name string, replicas cell.Members, secure bool) (warnings []string, err error) {
	c := Config{Cell: name, Dir: dir, ID: 1, Replicas: replicas, Lengths: cell.DefaultLengths()}
	if warnings, err = c.Check(); err != nil {
		return nil, err
	}
	for _, m := range replicas {
		for _, path := range []string{FileOf(dir, m.ID), DataDir(dir, m.ID)} {
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				return nil, exists(path, err)
			}
		}
	}
	if err := noCertificates(dir, secure); err != nil {
		return nil, err
	}
	admin := ""
	if secure {
		admin = Admin
	}
	if err := Bear(dir, name, replicas, admin); err != nil {
		return nil, err
	}
	if secure {
		if err := certify(dir, name, replicas); err != nil {
			return nil, err
		}
	}
	for _, m := range replicas {
		if err := writeNew(FileOf(dir, m.ID), []byte(text(name, m.ID, replicas, secure)), 0o644); err != nil {
			return nil, err
		}
	}
	return warnings, nil
}

// Bear makes the data directories of a new cell, whose random id it draws, and whose first administrator
// is admin: "" is whoever is anonymous, as everybody is without TLS. None may exist.
func Bear(dir, name string, replicas cell.Members, admin string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var id cell.CellID
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	for _, m := range replicas {
		birth := record.Birth{Cell: id, Name: name, Replica: m.ID, Admin: admin}
		if err := wal.WriteBirth(DataDir(dir, m.ID), birth); err != nil {
			return err
		}
	}
	return nil
}

func exists(path string, err error) error {
	if err != nil {
		return err
	}
	return &Wrong{File: path, Why: "exists already; nothing was made, nothing was changed"}
}

// text is a configuration file: what must be said, and what may be.
func text(name string, id cell.ReplicaID, replicas cell.Members, secure bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "cell: %s\nid: %d\ndir: data-%d   # absolute, or relative to this file\nreplicas:\n",
		quoted(name), id, id)
	for _, m := range replicas {
		fmt.Fprintf(&b, "  - %s\n", replicaLine(m))
	}
	tls := "# tls: {ca: ca.crt, cert: replica-%d.crt, key: replica-%d.key}   # read anew when they change\n"
	if secure {
		tls = strings.TrimPrefix(tls, "# ")
	}
	fmt.Fprintf(&b, tls, id, id)
	b.WriteString("\n# The defaults of everything else; flags and CELLD_… variables outrank this file.\n")
	d := Default()
	for _, s := range Settings()[3:] {
		fmt.Fprintf(&b, "# %s: %s   # %s\n", s.Key, s.Get(&d), s.Usage)
	}
	b.WriteString("# limits:\n")
	for _, s := range limits() {
		fmt.Fprintf(&b, "#   %s: %s\n", s.Key, s.Get(&d))
	}
	return b.String()
}

// quoted keeps a cell called 12, yes or a:b what it is: a JSON-like string is YAML too.
func quoted(name string) string { return fmt.Sprintf("%q", name) }

// writeNew makes a file that must not exist, and syncs it.
func writeNew(path string, text []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}
