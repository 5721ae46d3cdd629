package proc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// House is a network namespace for one server, with an address of its own on a bridge to the other
// houses and to this process. It can be cut off as by a packet filter: what is sent to it or from
// it is dropped, and nobody is told.
type House struct {
	Host string // its address
	name string
	port string // of the bridge, to which it is wired
}

// ErrNoHouse says that a server shares the network with everybody, so that it cannot be cut off.
var ErrNoHouse = errors.New("is in no network namespace of its own")

// insideHouses tells, in the environment, that this process has been started by Apart.
const insideHouses = "BENCH_NETWORK_OF_ITS_OWN"

// Apart reports whether this process has a network of its own already; else it runs this program
// anew in one, with the same arguments, and gives what became of it. It needs to be root.
func Apart() (already bool, err error) {
	if os.Getenv(insideHouses) != "" {
		return true, nil
	}
	self, err := os.Executable()
	if err != nil {
		return false, err
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), insideHouses+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		Pdeathsig: syscall.SIGKILL}
	if err := fork(cmd); err != nil {
		return false, err
	}
	return false, cmd.Wait()
}

// Houses makes n of them, in a network of this process's own.
func Houses(n int) ([]*House, error) {
	if err := run(
		"mount --make-rprivate /", "mkdir -p /run/netns", "mount -t tmpfs none /run/netns",
		"ip link set lo up", "ip link add town type bridge", "ip link set town up",
		"ip addr add 10.83.0.254/24 dev town"); err != nil {
		return nil, err
	}
	var all []*House
	for i := 1; i <= n; i++ {
		h := &House{Host: fmt.Sprintf("10.83.0.%d", i), name: fmt.Sprintf("house%d", i), port: fmt.Sprintf("wire%d", i)}
		if err := run(
			"ip netns add "+h.name,
			"ip link add "+h.port+" type veth peer name eth0 netns "+h.name,
			"ip link set "+h.port+" master town up",
			"ip -n "+h.name+" addr add "+h.Host+"/24 dev eth0",
			"ip -n "+h.name+" link set eth0 up", "ip -n "+h.name+" link set lo up"); err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

// Cut takes the house off the bridge; Mend puts it back.
func (h *House) Cut() error { return run("ip link set " + h.port + " nomaster") }

// Mend ends what Cut did.
func (h *House) Mend() error { return run("ip link set " + h.port + " master town") }

// inside is the command that runs argv in the house.
func (h *House) inside(argv []string) []string {
	if h == nil {
		return argv
	}
	return append([]string{"ip", "netns", "exec", h.name}, argv...)
}

func run(commands ...string) error {
	for _, c := range commands {
		argv := strings.Fields(c)
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", c, err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}
