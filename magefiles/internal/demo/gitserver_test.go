package demo

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubd"
)

// A repository that is pushed is one of the API's, and another push of it is seen there.
func TestAnyRepositoryCanBePushed(t *testing.T) {
	dir := t.TempDir()
	api, err := githubd.Start(t.Context(), github.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	adopt := func(ctx context.Context, name string) error {
		_, err := api.CreateRepository(ctx, name, "main", nil)
		return err
	}
	g := &gitServer{dir: dir, token: "secret", adopt: adopt}
	if err := g.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.close(); err != nil {
			t.Error(err)
		}
		if err := api.Close(); err != nil {
			t.Error(err)
		}
	})
	work := filepath.Join(t.TempDir(), "work")
	git := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=Kim", "-c", "user.email=kim@example.com", "-c", "credential.helper="}, args...)...)
		cmd.Env = append(cmd.Environ(), "GIT_TERMINAL_PROMPT=0")
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	must := func(args ...string) string {
		t.Helper()
		out, err := git(args...)
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return out
	}
	must("init", "-q", "-b", "main", work)
	for _, title := range []string{"first", "second"} {
		must("-C", work, "commit", "-q", "--allow-empty", "-m", title)
		must("-C", work, "push", "-q", g.URL()+"/acme/shop.git", "HEAD")
		if head, err := api.Head("acme/shop", "main"); err != nil || head != must("-C", work, "rev-parse", "HEAD") {
			t.Errorf("the API has %q, %v", head, err)
		}
	}
	must("clone", "-q", g.URL()+"/acme/shop.git", filepath.Join(t.TempDir(), "clone"))
	for _, address := range []string{"http://demo:wrong@" + g.address + "/acme/shop.git", g.URL() + "/acme/..%2Fshop.git", g.URL() + "/shop.git"} {
		if out, err := git("-C", work, "push", "-q", address, "HEAD"); err == nil {
			t.Errorf("%s is taken: %s", address, out)
		}
	}
}
