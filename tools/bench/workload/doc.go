// Package workload is what the systems are measured at. A workload is a list of cases; a case
// connects its clients, prepares what it needs, measures, and closes its clients, so that each
// starts from servers that only hold data.
//
//	write        1 KiB to distinct files, answered when a majority has synced it
//	read         1 KiB from the servers, linearizable, and (loose) from one server as it is
//	replica-read 1 KiB at one server or at all, beside a writer; what the busiest server spends on it
//	cached-read  one reader in a loop: leasehold from its cache, the others from a server
//	lock         acquire and release, each client its own lock
//	contend      many clients, one lock: from the call of unlock to the next holder's grant
//	watch        one change until the last of many watchers has its contents
//	gap          the longest time without a committed write when the master is killed, stopped
//	             or told to end
//	sessions     what idle sessions cost the servers
//	load         what many nodes cost the servers, and how long they take to start again
package workload
