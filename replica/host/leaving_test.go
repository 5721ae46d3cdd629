package host_test

import (
	"testing"

	"github.com/leasehold/leasehold/tools/celltest"
)

// The news of a commit waits for company, but not for ever.
func TestZ6_FollowersHearOfACommitThatNothingFollows(t *testing.T) {
	c := celltest.Start(t, 3)
	c.AwaitApplied(write(t, session(t, c), 1, 10))
}
