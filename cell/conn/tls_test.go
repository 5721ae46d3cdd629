package conn_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/conntest"
	"github.com/leasehold/leasehold/cell/wire"
)

// certificate is one that signs itself, for the name "cell", and the pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cell"}, DNSNames: []string{"cell"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestTLSConforms(t *testing.T) {
	own, trusted := certificate(t)
	conntest.Run(t, here, func(t *testing.T) conntest.Line {
		o := patient(conn.ForClients())
		o.TLS = &tls.Config{
			Certificates: []tls.Certificate{own}, ServerName: "cell", RootCAs: trusted,
			ClientCAs: trusted, ClientAuth: tls.RequireAndVerifyClientCert,
		}
		l, err := conn.Listen("127.0.0.1:0", o)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, l.Close()) })
		accepted := make(chan *conn.Conn, 1)
		go func() {
			c, _ := l.Accept()
			accepted <- c
		}()
		dialed, err := conn.Dial(t.Context(), l.Addr().String(), o)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, dialed.Close()) })
		served := <-accepted
		state, ok := dialed.TLS()
		require.True(t, ok)
		require.Len(t, state.PeerCertificates, 1)
		return conntest.Line{
			Open: func(t *testing.T) (conntest.Stream, conntest.Stream) {
				return openStream(t, dialed, served)
			},
			Break:      func() { _ = dialed.Close() },
			FrameLimit: o.FrameLimit, Overhead: wire.FrameOverhead, OutboxBytes: o.OutboxBytes,
		}
	})
}

func TestB1_WhoShowsNoCertificateIsNotHeard(t *testing.T) {
	own, trusted := certificate(t)
	o := patient(conn.ForClients())
	o.TLS = &tls.Config{
		Certificates: []tls.Certificate{own}, ClientCAs: trusted, ClientAuth: tls.RequireAndVerifyClientCert,
	}
	l, err := conn.Listen("127.0.0.1:0", o)
	require.NoError(t, err)
	defer l.Close()
	go echo(l)

	anonymous := o
	anonymous.TLS = &tls.Config{ServerName: "cell", RootCAs: trusted}
	plain := o
	plain.TLS = nil
	for name, other := range map[string]conn.Options{"no certificate": anonymous, "no TLS": plain} {
		c, err := conn.Dial(t.Context(), l.Addr().String(), other)
		if err != nil {
			continue // refused in the handshake
		}
		s, err := c.OpenStream(t.Context())
		if err == nil {
			_ = s.Send(1, nil)
			_, _, err = s.Recv()
		}
		require.Error(t, err, name)
		require.NoError(t, c.Close())
	}

	stranger := o
	stranger.TLS = &tls.Config{ServerName: "cell", RootCAs: x509.NewCertPool()}
	_, err = conn.Dial(t.Context(), l.Addr().String(), stranger)
	require.Error(t, err, "the dialing side checks too")
}
