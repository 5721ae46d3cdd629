package config

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/leasehold/leasehold/cell"
)

// The ports of a replica: the k-th on a host serves clients at P+k, its peers and HTTP beside.
const (
	FirstPort = 7400
	peerPorts = 10
	httpPorts = 20
)

// OneHost lays out n replicas on the host of listen, HOST:P.
func OneHost(listen string, n int) (cell.Members, error) {
	hosts := make([]string, n)
	for i := range hosts {
		hosts[i] = listen
	}
	return Hosts(hosts)
}

// Hosts lays out one replica a host. Each is HOST or HOST:P, P being FirstPort otherwise; a host
// that stands more than once has its replicas at ports side by side.
func Hosts(hosts []string) (cell.Members, error) {
	members := make(cell.Members, 0, len(hosts))
	on := map[string]int{}
	for i, h := range hosts {
		host, port, err := splitHost(h)
		if err != nil {
			return nil, err
		}
		on[h]++
		at := func(offset int) string { return net.JoinHostPort(host, strconv.Itoa(port+offset+on[h])) }
		members = append(members, cell.Member{
			ID: cell.ReplicaID(i + 1), Client: at(0), Peer: at(peerPorts), HTTP: at(httpPorts),
		})
	}
	return members, nil
}

// splitHost reads HOST or HOST:P. There must be room above P for every port we take.
func splitHost(h string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(h)
	if err != nil {
		host, text = trimBrackets(h), strconv.Itoa(FirstPort)
	}
	if _, err := netip.ParseAddr(host); err != nil && strings.ContainsAny(host, ":[]/ ") {
		return "", 0, wrong("", fmt.Sprintf("%q is not HOST or HOST:PORT", h))
	}
	port, err = strconv.Atoi(text)
	if host == "" || err != nil || port < 1 || port+httpPorts+peerPorts > 65535 {
		return "", 0, wrong("", fmt.Sprintf("%q is not HOST:PORT with a port from 1 to %d", h, 65535-httpPorts-peerPorts))
	}
	return host, port, nil
}

// trimBrackets takes the brackets off an IPv6 address that comes without a port.
func trimBrackets(h string) string {
	if len(h) > 2 && h[0] == '[' && h[len(h)-1] == ']' {
		return h[1 : len(h)-1]
	}
	return h
}
