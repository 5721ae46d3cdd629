package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
)

func main() {
	follow := flag.Bool("follow", false, "be a follower")
	listen := flag.String("listen", "", "where the clients, or the master, come in")
	file := flag.String("file", "", "the log")
	followers := flag.String("followers", "", "the master's followers, by comma")
	flag.Parse()
	fmt.Fprintln(os.Stderr, "floor:", run(*follow, *listen, *file, *followers))
	os.Exit(1)
}

// run serves until something fails, and says what.
func run(follow bool, listen, file, followers string) error {
	log, err := openLog(file)
	if err != nil {
		return err
	}
	door, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	if follow {
		return serveFollower(door, log)
	}
	var peers []net.Conn
	for _, address := range strings.Split(followers, ",") {
		peer, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		peers = append(peers, peer)
	}
	return newMaster(log, peers).serve(door)
}
