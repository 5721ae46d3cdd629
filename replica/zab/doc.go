// Package zab is the agreement of the replicas on one history.
package zab
