package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
)

// keep leaves the stack running, says how to use it, and waits for an interrupt, which is its regular end.
func (d *demo) keep(ctx context.Context) error {
	daemon, err := daemon.Connect(ctx, daemon.Options{
		CacheDir: d.options.Cache,
		ToolsDir: d.toolsDir,
		Say:      func(format string, args ...any) { fmt.Fprintf(d.options.Out, format+"\n", args...) },
	})
	if err != nil {
		return err
	}
	d.daemon = daemon
	d.pushes = &gitServer{dir: d.stack.RepositoriesDir(), token: d.stack.DeployToken(), adopt: d.stack.Adopt}
	if err := d.pushes.start(ctx); err != nil {
		return err
	}
	env, err := d.writeVariables(daemon.Address)
	if err != nil {
		return err
	}
	defer os.Remove(env)
	fmt.Fprintf(d.options.Out, `
Everything stays up, in the foreground, until Ctrl-C. In another terminal:

  . %[1]q   # addresses and tokens of this stack, and mage
  cd %[2]q
  mage plan                      # what a release would do; change something, commit it, then
  mage release
  git -C %[3]q log -p            # the deployment repository
  git clone %[3]q /tmp/deployment
  curl -s -u "$GHCR_USER:$GHCR_TOKEN" "http://%[4]s/token?scope=repository:acme/backend:pull"

A repository of your own, with image: %[4]s/acme/NAME in its astrago.yaml, and a deployment repository:

  git push "$DEMO_GITHUB/acme/NAME.git" HEAD
  git push "$DEMO_GITHUB/acme/NAME-deployment.git" HEAD
  mage release                   # GitHub's API has both
`, env, filepath.Join(d.dir, "backend"), d.stack.Bare, d.stack.Registry.Addr())
	<-ctx.Done()
	return nil
}

// writeVariables writes what a shell sources to use the stack, and returns the file.
func (d *demo) writeVariables(buildkit string) (string, error) {
	env := filepath.Join(d.dir, "env")
	var lines strings.Builder
	fmt.Fprintf(&lines, "mage() { %q \"$@\"; }\n", d.options.Self)
	for _, pair := range append(d.stack.Variables(), "BUILDKIT_HOST="+buildkit, "DEMO_GITHUB="+d.pushes.URL()) {
		fmt.Fprintf(&lines, "export %s\n", pair)
	}
	// The tokens open nothing but this stack, and only while it runs.
	if err := os.WriteFile(env, []byte(lines.String()), 0o600); err != nil {
		return "", fmt.Errorf("writing the stack's variables: %w", err)
	}
	return env, nil
}

// toolsDir returns the modules of the tools that the daemon is compiled from.
func (d *demo) toolsDir(context.Context) (string, error) {
	return filepath.Join(d.options.Sources, "scripts", "tools"), nil
}
