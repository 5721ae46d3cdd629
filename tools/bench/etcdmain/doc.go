// Command etcdmain is an etcd server, built from the module that go.mod names: the benchmark
// starts five of them.
package main
