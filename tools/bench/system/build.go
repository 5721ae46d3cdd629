package system

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// module is this module's path: its commands are built by their whole names, from any of its
// folders.
const module = "github.com/leasehold/leasehold/tools/bench"

// build compiles a command of this module or of leasehold's into dir.
func build(ctx context.Context, dir, name, pkg string) (string, error) {
	path := dir + "/" + name
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, pkg).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build %s: %w: %s", pkg, err, strings.TrimSpace(string(out)))
	}
	return path, nil
}

// moduleVersion is the version of a module that this one is built with.
func moduleVersion(ctx context.Context, module string) string {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", module).Output()
	if err != nil {
		return "of an unknown version"
	}
	return strings.TrimSpace(string(out))
}
