package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// B1: without TLS everybody is anonymous, who administers the cell until an ACL says who does.
func TestB1_ACLsFromTheShell(t *testing.T) {
	d := newDesk(t)
	d.types(0, "create /ls/local/app/a one --parents")
	require.Equal(t, map[string]any{"name": "/ls/local/app", "read": "everybody", "write": "everybody", "change": "admin",
		"acl_generation": "1"}, fields(t, d.types(0, "acl get /ls/local/app -o json").out))
	require.Contains(t, d.types(0, "acl check /ls/local/app").out, "read,write,change,admin")

	require.Equal(t, "2\n", d.types(0, "acl set /ls/local/app/a --write ops --change ops").out)
	require.Contains(t, d.args(2, "", "create", "/ls/local/acl/ops", "bea\na*a", "--parents").err, "line 2")
	d.args(0, "", "create", "/ls/local/acl/ops", "# who is on duty\nbea", "--parents")
	d.types(4, "acl set /ls/local/app/a --read ops --if-generation 1")
	d.types(2, "acl set /ls/local/app/a")
	d.types(2, "acl set /ls/local/app/a --read a/b")
	d.types(2, "acl check /ls/local/app/a fly")
	d.types(3, "acl get /ls/local/none")
	require.Equal(t, map[string]any{"name": "/ls/local/app/a", "principal": "bea", "read": true, "write": true,
		"change": true, "admin": false}, fields(t, d.types(0, "acl check /ls/local/app/a --principal bea -o json").out))
	d.types(0, "put /ls/local/app/a two") // an administrator may
	d.types(0, "create /ls/local/app/own --read ops --change ops")
	require.Equal(t, map[string]any{"name": "/ls/local/app/own", "read": "ops", "write": "everybody", "change": "ops",
		"acl_generation": "1"}, fields(t, d.types(0, "acl get /ls/local/app/own -o json").out))

	d.types(2, "create /ls/local/acl/everybody bea")
	d.types(2, "create /ls/local/acl/admin")
	d.types(0, "create /ls/local/acl/admin boss")
	require.Contains(t, d.types(7, "put /ls/local/app/a three").err, "anonymous has no right to write /ls/local/app/a")
	require.Equal(t, "two", d.types(0, "get /ls/local/app/a").out)
	d.types(7, "acl check /ls/local/app/a write")
	d.types(0, "acl check /ls/local/app/a read")
	d.types(7, "lock /ls/local/app/a --try")
	d.types(7, "acl set /ls/local/app/a --write everybody")
	d.types(7, "rm /ls/local/acl/admin")
	d.types(7, "put /ls/local/acl/ops anonymous")
	for _, line := range []string{"cell set lock_delay 7s", "session kill 1", "lock break /ls/local/app/a --token 1",
		"master step-down"} {
		require.Contains(t, d.types(7, line).err, "administrators")
	}
	d.types(0, "put /ls/local/app/b new --create")
}
