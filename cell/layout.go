package cell

import (
	"strconv"
	"strings"
)

// The ports of a replica, beside each other: at HOST:P it serves clients at P+1, its peers and HTTP
// further up.
const (
	FirstPort = 7400
	peerPorts = 10
	httpPorts = 20

	// PortRoom is how far above P the highest port may lie that a layout takes.
	PortRoom = httpPorts + 10
)

// LayOut is a member at HOST:port with the ports of the layout. The host is a name or an address, an
// IPv6 one without brackets.
func LayOut(id ReplicaID, host string, port int) Member {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	at := func(offset int) string { return host + ":" + strconv.Itoa(port+offset+1) }
	return Member{ID: id, Client: at(0), Peer: at(peerPorts), HTTP: at(httpPorts)}
}
