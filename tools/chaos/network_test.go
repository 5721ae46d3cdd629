package chaos

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// network is a network namespace for each replica, joined by a bridge to this one, in which the
// clients are. A packet filter in each cuts it off from whom the test says.
type network struct {
	t      *testing.T
	bridge string
	prefix string // of the addresses
	mu     sync.Mutex
	cut    map[int][]string // what replica i drops: lines of its filter
}

// apartOrSkip says why networks cannot be made here; where CI is set that is a failure.
func apartOrSkip(t *testing.T) {
	t.Helper()
	why := ""
	switch _, err := exec.LookPath("nft"); {
	case runtime.GOOS != "linux":
		why = "network namespaces are Linux'"
	case os.Getuid() != 0:
		why = "network namespaces need root"
	case err != nil:
		why = "nft is not installed: apt-get install nftables"
	}
	if _, err := exec.LookPath("ip"); why == "" && err != nil {
		why = "ip is not installed: apt-get install iproute2"
	}
	if why == "" {
		return
	}
	require.Empty(t, os.Getenv("CI"), why)
	t.Skip(why)
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	pid := os.Getpid()
	n := &network{t: t, bridge: fmt.Sprintf("lh%d", pid), cut: map[int][]string{},
		prefix: fmt.Sprintf("10.%d.%d.", 64+pid/250%64, pid%250)}
	t.Cleanup(n.remove)
	n.must("ip", "link", "add", n.bridge, "type", "bridge")
	n.must("ip", "addr", "add", n.prefix+"254/24", "dev", n.bridge)
	n.must("ip", "link", "set", n.bridge, "up")
	for i := 1; i <= 5; i++ {
		ns, cable := n.name(i), fmt.Sprintf("%s-%d", n.bridge, i)
		n.must("ip", "netns", "add", ns)
		n.must("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", ns)
		n.must("ip", "link", "set", cable, "master", n.bridge, "up")
		n.must("ip", "-n", ns, "addr", "add", n.host(i)+"/24", "dev", "eth0")
		n.must("ip", "-n", ns, "link", "set", "lo", "up")
		n.must("ip", "-n", ns, "link", "set", "eth0", "up")
	}
	return n
}

func (n *network) name(i int) string { return fmt.Sprintf("%s-%d", n.bridge, i) }
func (n *network) host(i int) string { return fmt.Sprintf("%s%d", n.prefix, i) }

// clients is the address of the clients.
func (n *network) clients() string { return n.prefix + "254" }

func (n *network) hosts() string {
	var all []string
	for i := 1; i <= 5; i++ {
		all = append(all, n.host(i))
	}
	return strings.Join(all, ",")
}

func (n *network) must(name string, args ...string) {
	n.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(n.t, err, "%s %s: %s", name, strings.Join(args, " "), out)
}

func (n *network) remove() {
	for i := 1; i <= 5; i++ {
		_ = exec.Command("ip", "netns", "del", n.name(i)).Run() // with it goes its end of the cable
	}
	_ = exec.Command("ip", "link", "del", n.bridge).Run()
}

// command runs a program in replica i's namespace; with no network, here.
func (n *network) command(i int, program string, args ...string) *exec.Cmd {
	if n == nil {
		return exec.Command(program, args...)
	}
	return exec.Command("ip", append([]string{"netns", "exec", n.name(i), program}, args...)...)
}

// drop makes replica i deaf to, or unheard by, an address.
func (n *network) drop(i int, address string, hears, heard bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !hears {
		n.cut[i] = append(n.cut[i], "add rule ip cut in ip saddr "+address+" drop")
	}
	if !heard {
		n.cut[i] = append(n.cut[i], "add rule ip cut out ip daddr "+address+" drop")
	}
	n.filter(i)
}

// heal lets replica i speak with everybody.
func (n *network) heal(i int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.cut, i)
	n.filter(i)
}

// filter replaces the rules of replica i's namespace, all at once.
func (n *network) filter(i int) {
	rules := append([]string{
		"add table ip cut", "delete table ip cut", "add table ip cut",
		"add chain ip cut in { type filter hook input priority 0 ; policy accept ; }",
		"add chain ip cut out { type filter hook output priority 0 ; policy accept ; }",
	}, n.cut[i]...)
	cmd := exec.Command("ip", "netns", "exec", n.name(i), "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(strings.Join(rules, "\n") + "\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		n.t.Errorf("nft: %v: %s", err, out)
	}
}
