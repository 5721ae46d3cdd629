package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/leasehold/leasehold/cell"
)

// Dialing is for who dials: a client, or a replica that dials another one. The server must have a
// certificate of the authority that may serve, for the host that was dialed (cell/conn says which
// in ServerName).
func (k *Keys) Dialing() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		// The authority may change while the configuration is in use: we verify by ourselves.
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			return k.verify(s, s.ServerName, x509.ExtKeyUsageServerAuth)
		},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &k.current().certificate, nil // an empty one shows none
		},
	}
}

// ForClients is for a replica that clients dial. A client need not have a certificate; one that it
// shows must be the authority's.
func (k *Keys) ForClients() *tls.Config {
	return k.serving(tls.VerifyClientCertIfGiven, nil)
}

// ForPeers is for a replica that others dial: who has no certificate that may serve is none.
func (k *Keys) ForPeers() *tls.Config {
	return k.serving(tls.RequireAnyClientCert, func(s tls.ConnectionState) error {
		return k.verify(s, "", x509.ExtKeyUsageServerAuth)
	})
}

// serving makes a new configuration for each handshake: it has what the files hold now. No
// session is resumed: who was let in by an authority that is gone is not let in again.
func (k *Keys) serving(auth tls.ClientAuthType, verify func(tls.ConnectionState) error) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			now := k.current()
			return &tls.Config{
				MinVersion: tls.VersionTLS13, SessionTicketsDisabled: true,
				Certificates: []tls.Certificate{now.certificate}, ClientCAs: now.authority,
				ClientAuth: auth, VerifyConnection: verify,
			}, nil
		},
	}
}

// verify checks the other side's certificate against the authority as it is now.
func (k *Keys) verify(s tls.ConnectionState, host string, usage x509.ExtKeyUsage) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the other side shows no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{
		Roots: k.current().authority, Intermediates: between, DNSName: host, KeyUsages: []x509.ExtKeyUsage{usage},
	})
	return err
}

// Principal is who the other side is by its certificate: cell.Anonymous when it showed none.
func Principal(s tls.ConnectionState) string {
	if len(s.PeerCertificates) == 0 {
		return cell.Anonymous
	}
	c := s.PeerCertificates[0]
	name := c.Subject.CommonName
	if len(c.DNSNames) > 0 {
		name = c.DNSNames[0]
	}
	if len(c.URIs) > 0 {
		name = c.URIs[0].String()
	}
	if name == "" || len(name) > longest || !utf8.ValidString(name) {
		return cell.Anonymous
	}
	return name
}

// longest is how many bytes a principal has at most; one that is longer is nobody's.
const longest = 512

// CheckServer says why the certificate cannot be a replica's.
func (k *Keys) CheckServer() error {
	leaf := k.current().leaf
	switch {
	case leaf == nil:
		return fmt.Errorf("%w: a replica needs a certificate and its key", cell.ErrUsage)
	case !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageServerAuth),
		!slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth):
		return fmt.Errorf("%w: %s: a replica's certificate needs the extended key usages serverAuth and clientAuth",
			cell.ErrUsage, k.files.Cert)
	}
	return nil
}
