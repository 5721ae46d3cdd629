package client

import (
	"crypto/tls"

	"github.com/leasehold/leasehold/cell/conn/certs"
)

// TLSFiles makes a Config.TLS of PEM files: the authority that the servers' certificates are of,
// and this client's certificate and key, which say who it is ("" both: it is anonymous). Files that
// change are read anew; sessions are not dropped for it. The error names the file.
func TLSFiles(ca, cert, key string) (*tls.Config, error) {
	keys, err := certs.Open(certs.Files{CA: ca, Cert: cert, Key: key})
	if err != nil {
		return nil, err
	}
	return keys.Dialing(), nil
}
