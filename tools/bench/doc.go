// Command bench measures leasehold beside etcd, ZooKeeper and the floor (the least that any
// replicated durable service must do), on one machine, in one run, in alternation, with one
// driver and one durability: a write is answered when three of five have synced it.
//
//	go run . -o report.md                        the whole of it; with report.svg and report-curves.svg
//	go run . -quick -o /tmp/report.md            small numbers, to see that it works
//	go run . -only write,lock -rounds 5 -systems leasehold,floor,etcd
//	go run . -only gap -houses                   as root: also a master that is cut off
//	go run . -only write -curves curves.svg      rate and latency over the number of sessions
//	go run . -only sessions,die,load -idle 10000 -nodes 1000000
//
// Run it in this folder. It needs Go; ZooKeeper is measured where its Debian package is
// installed (apt-get install zookeeper). It is a module of its own, so that nothing of the peers
// is among leasehold's dependencies.
//
// A round starts each system in turn on empty disks, alone on the machine, runs every case, and
// ends it. What is printed are medians over the rounds. The cases that take long (sessions, die,
// load) run once, at the end.
package main
