package config

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/leasehold/leasehold/cell"
)

// FirstPort is where the ports of the first replica on a host begin: the k-th serves clients at P+k, its
// peers and HTTP beside.
const FirstPort = cell.FirstPort

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
		members = append(members, cell.LayOut(cell.ReplicaID(i+1), host, port+on[h]))
		on[h]++
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
	if host == "" || err != nil || port < 1 || port+cell.PortRoom > 65535 {
		return "", 0, wrong("", fmt.Sprintf("%q is not HOST:PORT with a port from 1 to %d", h, 65535-cell.PortRoom))
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
