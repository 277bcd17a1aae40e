package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
)

// keep leaves the stack running, says how to use it, and waits for an interrupt, which is its regular end.
func (d *demo) keep(ctx context.Context) error {
	daemon, err := build.Connect(ctx, build.ConnectOptions{CacheDir: d.options.Cache})
	if err != nil {
		return err
	}
	d.daemon = daemon
	env := filepath.Join(d.dir, "env")
	var lines strings.Builder
	for _, pair := range append(d.stack.Variables(), "BUILDKIT_HOST="+daemon.Address) {
		fmt.Fprintf(&lines, "export %s\n", pair)
	}
	// The tokens open nothing but this stack, and only while it runs.
	if err := os.WriteFile(env, []byte(lines.String()), 0o600); err != nil {
		return fmt.Errorf("writing the stack's variables: %w", err)
	}
	defer os.Remove(env)
	fmt.Fprintf(d.options.Out, `
Everything stays up until Ctrl-C. In another terminal:

  . %[1]q                              # addresses and tokens of this stack
  cd %[2]q                             # an application; change something and commit it
  %[3]q plan                           # what a release would do
  %[3]q release
  git -C %[4]q log --stat              # the deployment repository
  git clone %[4]q /tmp/deployment
  curl -s -u "$GHCR_USER:$GHCR_TOKEN" "http://%[5]s/token?scope=repository:acme/backend:pull"
`, env, filepath.Join(d.dir, "backend"), d.options.Self, d.stack.Bare, d.stack.Registry.Addr())
	<-ctx.Done()
	return nil
}
