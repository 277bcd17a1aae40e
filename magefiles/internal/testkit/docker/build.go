package docker

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Build is one `docker build`. Its steps share the host's network.
type Build struct {
	Context    string   // directory
	Dockerfile string   // path; empty is Dockerfile in Context
	Ref        string   // repository:tag
	Builder    string   // DOCKER_BUILDKIT: empty or 1 is BuildKit, 0 is the classic builder
	Args       []string // more arguments
}

// Build builds and tags an image with the Engine's own BuildKit.
func (e *Engine) Build(ctx context.Context, b Build) error {
	args := []string{"build", "--network=host", "--tag=" + b.Ref}
	if b.Dockerfile != "" {
		args = append(args, "--file="+b.Dockerfile)
	}
	cmd := e.Command(ctx, append(append(args, b.Args...), b.Context)...)
	cmd.Env = append(cmd.Env, "DOCKER_BUILDKIT="+cmp.Or(b.Builder, "1"))
	return run(cmd)
}

// Push pushes a tag. Registries on loopback need no TLS.
func (e *Engine) Push(ctx context.Context, ref string) error { return e.run(ctx, "", "push", ref) }

// Login keeps a registry's password in the configuration of this Engine's commands.
func (e *Engine) Login(ctx context.Context, registry, user, password string) error {
	return e.run(ctx, password, "login", "--username="+user, "--password-stdin", registry)
}

func (e *Engine) run(ctx context.Context, stdin string, args ...string) error {
	cmd := e.Command(ctx, args...)
	cmd.Stdin = strings.NewReader(stdin)
	return run(cmd)
}

func run(cmd *exec.Cmd) error {
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running docker %s: %w: %s", cmd.Args[1], err, output)
	}
	return nil
}
