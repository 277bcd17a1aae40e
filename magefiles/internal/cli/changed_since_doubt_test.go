package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// TestChangedSinceInDoubt has no component pass for unchanged where its files are hidden from git: the temporary working tree of the
// other commit is as sparse, and what is flagged may be what that commit has.
func TestChangedSinceInDoubt(t *testing.T) {
	for name, test := range map[string]struct {
		hide []string
		put  string // what is written over the source
		want string
	}{
		"nothing is hidden":         {want: ""},
		"a source that is kept old": {hide: []string{"update-index", "--assume-unchanged", "src/main"}, put: "old", want: "batch core"},
		"a sparse checkout":         {hide: []string{"sparse-checkout", "set", "--no-cone", "/*", "!/src/more"}, want: "batch core"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			git := func(args ...string) {
				t.Helper()
				cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=dev", "-c", "user.email=dev@example.com"}, args...)...)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("git %v: %v\n%s", args, err, out)
				}
			}
			write := func(name, content string) {
				t.Helper()
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			git("init", "-q", "-b", "main")
			write("astrago.yaml", sinceConfig)
			write("docker/Dockerfile", "FROM scratch AS core\nCOPY src /\nFROM scratch AS batch\nCOPY batch /\n")
			write("batch/main", "batch")
			write("src/main", "old")
			write("src/more", "old")
			git("add", ".")
			git("commit", "-q", "-m", "old")
			if test.hide != nil {
				write("src/main", "new")
				write("src/more", "new")
			}
			git("commit", "-q", "--allow-empty", "-a", "-m", "new")
			if test.hide != nil {
				git(test.hide...)
			}
			if test.put != "" {
				write("src/main", test.put)
			}
			_, env := Start(t.Context(), Process{Dir: dir, Stderr: &bytes.Buffer{}}, Command{Name: report.CommandPlan}, Flags{})
			if err := (opener{env}).openCommit(t.Context(), CommitOptions{ChangedSince: "HEAD~1"}); err != nil {
				t.Fatal(err)
			}
			var components []string
			for _, image := range env.Project.Plan.Images {
				components = append(components, string(image.Component))
			}
			slices.Sort(components)
			if got := strings.Join(components, " "); got != test.want {
				t.Errorf("%q have changed, want %q", got, test.want)
			}
		})
	}
}
