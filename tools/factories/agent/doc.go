// Package agent is what the factories and the agents of a task farm do. The active factory divides the
// accounts up among the living agents and announces its address; others stand by. An agent works off
// tasks of its accounts, one after the other, for the factory that it sees; without one it pauses.
package agent
