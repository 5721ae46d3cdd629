// Package system puts leasehold, etcd, ZooKeeper and the floor behind one face, so that one
// driver can measure them alike. Each system is five real processes on loopback with data on
// the same disk, each with its own Go client, and every one of them answers a write only when a
// majority has synced it.
//
// What a system cannot do it does not implement: a workload asks with a type assertion, and
// the report then has a dash.
package system
