package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn/certs"
)

// Admin is the principal of the certificate that Init makes for a cell's first administrator.
const Admin = "admin"

// noCertificates refuses to overwrite any.
func noCertificates(dir string, secure bool) error {
	if !secure {
		return nil
	}
	for _, name := range []string{"ca.crt", "ca.key", "admin.crt", "admin.key"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return exists(filepath.Join(dir, name), err)
		}
	}
	return nil
}

// certify makes DIR/ca.crt and ca.key, DIR/replica-i.crt and .key for the hosts at which replica i
// is reached, and DIR/admin.crt and .key. Keys are for their owner's eyes only.
func certify(dir, name string, replicas cell.Members) error {
	a, err := certs.NewAuthority("leasehold cell " + name)
	if err != nil {
		return err
	}
	put := func(stem string, cert, key []byte, err error) error {
		if err != nil {
			return err
		}
		return errors.Join(writeNew(filepath.Join(dir, stem+".crt"), cert, 0o644),
			writeNew(filepath.Join(dir, stem+".key"), key, 0o600))
	}
	if err := put("ca", a.CertPEM, a.KeyPEM, nil); err != nil {
		return err
	}
	for _, m := range replicas {
		cert, key, err := a.Replica(fmt.Sprintf("replica-%d", m.ID), hostsOf(m))
		if err := put(fmt.Sprintf("replica-%d", m.ID), cert, key, err); err != nil {
			return err
		}
	}
	cert, key, err := a.Client(Admin)
	return put("admin", cert, key, err)
}

// hostsOf are the names and addresses under which a replica is dialed.
func hostsOf(m cell.Member) (hosts []string) {
	for _, at := range []string{m.Client, m.Peer} {
		if host, _, err := net.SplitHostPort(at); err == nil && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}
