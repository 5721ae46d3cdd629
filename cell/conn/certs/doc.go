// Package certs speaks TLS 1.3 with a certificate, a key and a certificate authority that are
// files, and reads them anew when they change: no connection is dropped for it, the next
// handshake has what is there.
//
// Who a client is (its principal) its certificate says: a URI among its alternative names, else a
// DNS name, else its common name. A replica's certificate may serve (extended key usage
// serverAuth), a client's may not: that is how replicas know each other from clients of the same
// authority.
//
// It keeps:
//
//   - B1 (its part) A handshake is bounded in time by who owns the connection; one that fails says
//     why by name, and costs nobody else anything.
package certs
