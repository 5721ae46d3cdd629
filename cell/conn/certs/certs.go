package certs

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/leasehold/leasehold/cell"
)

// Files are the paths of an authority's certificates, our certificate and its key, all PEM.
type Files struct{ CA, Cert, Key string }

// Keys is what the files held when they were last whole. Safe for concurrent use.
type Keys struct {
	files Files

	mu    sync.Mutex
	stamp [3]stamp
	now   *loaded
	wrong error // why the files as they are now cannot be used
}

type stamp struct {
	changed time.Time
	size    int64
}

type loaded struct {
	authority   *x509.CertPool
	certificate tls.Certificate
	leaf        *x509.Certificate // nil: only an authority
}

// Open reads the files. Cert and Key may be empty, both: then we have no certificate to show.
func Open(f Files) (*Keys, error) {
	k := &Keys{files: f}
	k.current()
	if k.now == nil {
		return nil, k.wrong
	}
	return k, nil
}

// current is what the files hold, read anew when one of them has changed. While what is there
// cannot be used (half written, say) it is what was there before.
func (k *Keys) current() *loaded {
	k.mu.Lock()
	defer k.mu.Unlock()
	stamp := k.files.stamp()
	if stamp == k.stamp && k.now != nil {
		return k.now
	}
	read, err := k.files.read()
	k.wrong = err
	if err == nil {
		k.now, k.stamp = read, stamp
	}
	return k.now
}

// Trouble is why the files as they are now are not in use; nil while they are.
func (k *Keys) Trouble() error {
	k.current()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.wrong
}

// Expires is when the certificate in use ends; zero when there is none.
func (k *Keys) Expires() time.Time {
	if now := k.current(); now.leaf != nil {
		return now.leaf.NotAfter
	}
	return time.Time{}
}

func (f Files) stamp() (all [3]stamp) {
	for i, path := range []string{f.CA, f.Cert, f.Key} {
		if info, err := os.Stat(path); err == nil {
			all[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return all
}

func (f Files) read() (*loaded, error) {
	text, err := os.ReadFile(f.CA)
	if err != nil {
		return nil, fmt.Errorf("%w: the certificate authority: %w", cell.ErrUsage, err)
	}
	l := &loaded{authority: x509.NewCertPool()}
	if !l.authority.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%w: %s holds no certificate in PEM", cell.ErrUsage, f.CA)
	}
	if f.Cert == "" && f.Key == "" {
		return l, nil
	}
	if l.certificate, err = tls.LoadX509KeyPair(f.Cert, f.Key); err != nil {
		return nil, fmt.Errorf("%w: certificate %q with key %q: %w", cell.ErrUsage, f.Cert, f.Key, err)
	}
	l.leaf = l.certificate.Leaf
	return l, nil
}
