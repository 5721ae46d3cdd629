// Package recipe builds on package client what people build on ZooKeeper: elections, semaphores,
// barriers, queues, groups, configuration, names. Each says what it guarantees and what it costs.
//
// Look first at what needs no recipe: a lock is Session.Lock (with Shared, TryLock, WithLock; the
// queue is the cell's, a hand-over is one commit and one message), a cache of nodes is Session.Read,
// a persistent watch is Session.Watch.
//
// # Where to find the recipes of ZooKeeper and Curator
//
// Of the page "ZooKeeper Recipes and Solutions":
//
//	name service                                 Naming.Register, Service, Lookup; any node is a name
//	configuration                                Value; cellctl watch NAME --exec CMD
//	group membership                             Members
//	barriers, double barriers                    Barrier, DoubleBarrier
//	queues, priority queues                      Queue, PriorityQueue
//	locks                                        Session.Lock, WithLock; cellctl lock
//	the same as sequential nodes                 SequentialLock, second best
//	recoverable errors, a GUID in the name       nothing to do: a call that is sent twice is made once
//	shared locks                                 Session.Lock with Shared(); SequentialLock.RLock
//	revocable shared locks                       cellctl lock break; a Hold's Context, which tells its holder
//	two-phased commit                            Session.Txn, where all is in the cell
//	leader election                              Elect, Election; who leads: Observe; cellctl elect
//
// Of Apache Curator:
//
//	LeaderLatch, LeaderSelector                  Elect, Election; who leads: Observe; cellctl elect
//	InterProcessMutex                            Session.Lock, WithLock; cellctl lock
//	InterProcessReadWriteLock                    Session.Lock with Shared()
//	InterProcessSemaphoreMutex (not reentrant)   Session.Lock: a hold belongs to who got it, no thread re-enters
//	InterProcessMultiLock                        Session.Lock in the order of the names
//	InterProcessSemaphoreV2, with SharedCount    Semaphore
//	Revoker, Revocable                           cellctl lock break; a Hold's Context
//	DistributedBarrier                           Barrier
//	DistributedDoubleBarrier                     DoubleBarrier
//	SharedCount, DistributedAtomicLong, …Value   Value[int64], Value[T]; Update
//	SharedValue, NodeCache                       Value: Get is from the consistent cache
//	PathChildrenCache, TreeCache, CuratorCache   Session.Read and List, which are never stale; Session.Watch
//	PersistentWatcher                            Session.Watch, with Recursive(): it outlives masters by itself
//	PersistentNode, GroupMember                  Members
//	PersistentTtlNode                            Session.Create with TTL, and a Write now and then
//	Reaper, ChildReaper                          Session.Create with Container()
//	DistributedQueue, DistributedIdQueue         Queue; an element's name is its id
//	SimpleDistributedQueue                       Queue
//	DistributedPriorityQueue                     PriorityQueue
//	DistributedDelayQueue                        none: an element says itself when it is due
//	QueueSharder                                 several Queues; shard.Shards divides them up
//	ServiceDiscovery, ServiceProvider            Naming.Register, Service, Lookup
//	ModeledFramework                             Value[T]
//	withProtection                               nothing to do: a call that is sent twice is made once
//
// And what else is built on ZooKeeper:
//
//	tasks assigned to workers                    Tasks
//	unique, ordered ids                          Naming.ID
//	partitioning, Helix, task farm               package shard
//
// # What they have in common
//
// A recipe takes a Session and lives in it; Elect, Observe and Lasting take a Client, open sessions
// by themselves and outlive them. A ctx bounds waiting and ends it at once but for what must be put in
// order, which takes a second at most; what cannot be done in that time the end of the session does.
// What most of them do, call after call, is in package steps, which the simulator runs, too.
// No goroutine outlives the call that started it, with one exception: a node whose creation was
// given up while the answer was on its way is removed when the answer comes, by the session.
//
// Whoever holds something (a lead, a permit, a claim) has a Context that ends, by a local timer, before
// anybody else can have it, and a sequencer that fails every check from then on: C1 and C2 reach this
// far. Rules that they keep themselves:
//
//   - C7 (as its user) What is acknowledged happened once: no element of a queue is delivered after
//     its acknowledgement, no update of a Value is lost.
//   - C9 (as its user) Groups, queues and barriers follow the events and read no list again; a resync
//     makes them forget and begin anew.
package recipe
