package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// lasts is how long what is made here is valid: an authority of one's own that must be renewed by
// hand had better not end in a year.
const lasts = 10 * 365 * 24 * time.Hour

// Authority is a private certificate authority, for a first cell. Larger houses have their own.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	CertPEM     []byte
	KeyPEM      []byte
}

// NewAuthority makes one with a random key.
func NewAuthority(name string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template, err := certificate(name)
	if err != nil {
		return nil, err
	}
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	a := &Authority{certificate: template, key: key}
	a.CertPEM, a.KeyPEM, err = a.sign(template, key)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(a.CertPEM)
	a.certificate, err = x509.ParseCertificate(block.Bytes)
	return a, err
}

// Replica makes a certificate that may serve at these hosts, names or addresses, and its key.
func (a *Authority) Replica(name string, hosts []string) (cert, key []byte, err error) {
	return a.issue(name, hosts, x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)
}

// Client makes a certificate of a principal, and its key.
func (a *Authority) Client(principal string) (cert, key []byte, err error) {
	return a.issue(principal, nil, x509.ExtKeyUsageClientAuth)
}

func (a *Authority) issue(name string, hosts []string, usages ...x509.ExtKeyUsage) (cert, key []byte, err error) {
	fresh, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template, err := certificate(name)
	if err != nil {
		return nil, nil, err
	}
	template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageDigitalSignature, usages
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	return a.sign(template, fresh)
}

func certificate(name string) (*x509.Certificate, error) {
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(lasts),
	}, nil
}

func (a *Authority) sign(template *x509.Certificate, key *ecdsa.PrivateKey) (cert, keyPEM []byte, err error) {
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), nil
}
