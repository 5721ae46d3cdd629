package system

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/leasehold/leasehold/tools/bench/proc"
)

const (
	// askPatience bounds one question to one server.
	askPatience = 2 * time.Second
	// zkLease is a session's time-out: leasehold's default.
	zkLease = 12 * time.Second
	// zkShortLease is the least that a server with the default tick of 2 s gives: what a client
	// asks for that wants to notice a dead server soon.
	zkShortLease = 4 * time.Second
)

// DebianJars is where Debian's packages put their jars.
const DebianJars = "/usr/share/java"

// ZooKeeper is five servers of the Debian package.
type ZooKeeper struct {
	Houses Houses
	Lib    string // the folder of zookeeper.jar and of what it needs

	version string
	first   int // the clients' ports
	master  int
	procs   []*proc.Proc
}

// Name is the system's name in tables and flags.
func (*ZooKeeper) Name() string { return "zookeeper" }

// Build looks for Java and the jar.
func (z *ZooKeeper) Build(context.Context, string) error {
	if _, err := os.Stat(z.Lib + "/zookeeper.jar"); err != nil {
		return fmt.Errorf("no zookeeper.jar in %s: apt-get install zookeeper", z.Lib)
	}
	if _, err := exec.LookPath("java"); err != nil {
		return err
	}
	z.version = "of an unknown version"
	if real, err := os.Readlink(z.Lib + "/zookeeper.jar"); err == nil {
		z.version = strings.TrimSuffix(strings.TrimPrefix(path.Base(real), "zookeeper-"), ".jar")
	}
	return nil
}

// Facts describe the system.
func (z *ZooKeeper) Facts() []string {
	return []string{"ZooKeeper " + z.version + ", five JVMs with -Xmx512m, forceSync on, snapCount 100000, no limit of" +
		" connections, tickTime 2000; locks are the recipe of its Go client; session time-out 12 s"}
}

// Start starts a new ensemble.
func (z *ZooKeeper) Start(ctx context.Context, dir string) (err error) {
	z.procs = nil
	if z.first, err = proc.FreePorts(3 * replicas); err != nil {
		return err
	}
	for i := range replicas {
		if err := z.configure(dir, i); err != nil {
			return err
		}
		p, err := proc.StartIn(z.Houses.of(i), fmt.Sprintf("zookeeper-%d", i), dir, nil, "java", "-Xmx512m",
			"-Dzookeeper.forceSync=yes", "-Dzookeeper.snapCount=100000", "-Dzookeeper.admin.enableServer=false",
			"-Dzookeeper.4lw.commands.whitelist=srvr", "-cp", z.classes(dir),
			"org.apache.zookeeper.server.quorum.QuorumPeerMain", fmt.Sprintf("%s/zoo-%d.cfg", dir, i))
		if err != nil {
			return err
		}
		z.procs = append(z.procs, p)
	}
	return z.Ready(ctx)
}

// classes is the class path: the jar of the package names what it needs by absolute paths, so
// one that lies elsewhere needs its neighbours named.
func (z *ZooKeeper) classes(dir string) string {
	if z.Lib == DebianJars {
		return dir + ":" + z.Lib + "/zookeeper.jar"
	}
	return dir + ":" + z.Lib + "/zookeeper.jar:" + z.Lib + "/*"
}

func (z *ZooKeeper) configure(dir string, i int) error {
	data := fmt.Sprintf("%s/z%d", dir, i)
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "tickTime=2000\ninitLimit=10\nsyncLimit=5\nmaxClientCnxns=0\nclientPortAddress=%s\n", z.Houses.host(i))
	fmt.Fprintf(&b, "dataDir=%s\nclientPort=%d\n", data, z.first+i)
	for j := range replicas {
		fmt.Fprintf(&b, "server.%d=%s:%d:%d\n", j+1, z.Houses.host(j), z.first+replicas+j, z.first+2*replicas+j)
	}
	if err := os.WriteFile(fmt.Sprintf("%s/zoo-%d.cfg", dir, i), []byte(b.String()), 0o600); err != nil {
		return err
	}
	const logging = "log4j.rootLogger=WARN,out\nlog4j.appender.out=org.apache.log4j.ConsoleAppender\n" +
		"log4j.appender.out.layout=org.apache.log4j.SimpleLayout\n"
	if err := os.WriteFile(dir+"/log4j.properties", []byte(logging), 0o600); err != nil {
		return err
	}
	return os.WriteFile(data+"/myid", []byte(fmt.Sprint(i+1)), 0o600)
}

// Ready waits until there are one leader and four followers.
func (z *ZooKeeper) Ready(ctx context.Context) error {
	return await(ctx, "zookeeper", func(ctx context.Context) error {
		leaders := 0
		for i := range replicas {
			mode, err := z.mode(ctx, i)
			if err != nil {
				return err
			}
			if mode == "leader" {
				z.master = i
				leaders++
			}
		}
		if leaders != 1 {
			return fmt.Errorf("%d leaders", leaders)
		}
		return nil
	})
}

// mode asks one server whether it leads or follows.
func (z *ZooKeeper) mode(ctx context.Context, i int) (string, error) {
	c, err := (&net.Dialer{Timeout: askPatience}).DialContext(ctx, "tcp", z.Houses.at(i, z.first+i))
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(askPatience))
	if _, err := io.WriteString(c, "srvr"); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(c)
	for line := range strings.Lines(string(answer)) {
		if mode, ok := strings.CutPrefix(line, "Mode: "); ok {
			return strings.TrimSpace(mode), nil
		}
	}
	return "", fmt.Errorf("server %d does not serve: %.60q %v", i+1, answer, err)
}

// Procs are the servers.
func (z *ZooKeeper) Procs() []*proc.Proc { return z.procs }

// Master asks the servers.
func (z *ZooKeeper) Master(ctx context.Context) (*proc.Proc, error) {
	if err := z.Ready(ctx); err != nil {
		return nil, err
	}
	return z.procs[z.master], nil
}

// Connect makes a session and waits until it stands.
func (z *ZooKeeper) Connect(ctx context.Context, i int, where Where) (Client, error) {
	one := where.index(i, z.master)
	servers, lease := []string{z.Houses.at(one, z.first+one)}, zkLease
	if where == AtFollower {
		lease = zkShortLease
	}
	if where == Anywhere {
		servers, lease = nil, zkShortLease
		for j := range replicas {
			servers = append(servers, z.Houses.at(j, z.first+j))
		}
	}
	quiet := log.New(io.Discard, "", 0)
	c, events, err := zk.Connect(servers, lease, zk.WithLogger(quiet), zk.WithLogInfo(false))
	if err != nil {
		return nil, err
	}
	for {
		select {
		case event := <-events:
			if event.State == zk.StateHasSession {
				return &zkClient{c}, nil
			}
		case <-ctx.Done():
			c.Close()
			return nil, ctx.Err()
		}
	}
}
