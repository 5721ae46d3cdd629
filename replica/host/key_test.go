package host

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestB1_TheHandleKeyIsRandom(t *testing.T) {
	require.NotZero(t, handleKey())
	require.NotEqual(t, handleKey(), handleKey())
}
