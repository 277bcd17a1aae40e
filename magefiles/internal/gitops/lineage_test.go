package gitops_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// lineage is an application repository: first, second and third in a row, side beside them after first.
type lineage struct {
	dir                        string
	first, second, third, side string
	compared                   int
	err                        error // in place of an answer
}

func newLineage(t *testing.T) *lineage {
	t.Helper()
	l := &lineage{dir: t.TempDir()}
	runGit := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{
			"-C", l.dir, "-c", "user.name=kim", "-c", "user.email=kim@example.com", "-c", "commit.gpgSign=false",
		}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	runGit("init", "-q", "-b", "main")
	commit := func(title string) string {
		runGit("commit", "-q", "--allow-empty", "-m", title)
		return runGit("rev-parse", "HEAD")
	}
	l.first, l.second, l.third = commit("first"), commit("fix the login"), commit("third")
	runGit("checkout", "-q", "--detach", l.first)
	l.side = commit("hotfix")
	return l
}

func (l *lineage) Compare(ctx context.Context, base, head commitid.ID) (git.Comparison, error) {
	l.compared++
	if l.err != nil {
		return git.Comparison{}, l.err
	}
	return git.Compare(ctx, l.dir, base, head)
}

// release is a bump of a commit of the lineage.
func (l *lineage) release(sha string, components ...string) bump.Bump {
	b := release(sha, components...)
	b.Ancestry = l
	return b
}

// guarded is a world whose notices are kept.
type guarded struct {
	*world
	*lineage
	notices []string
}

func newGuarded(t *testing.T, options ...func(*gitops.Options)) *guarded {
	t.Helper()
	g := &guarded{lineage: newLineage(t)}
	notice := func(o *gitops.Options) { o.Notice = func(s string) { g.notices = append(g.notices, s) } }
	g.world = newWorld(t, nil, append(options, notice)...)
	return g
}

// byHand sets the tags of a commit without leaving trailers.
func (g *guarded) byHand(sha string) {
	g.Helper()
	g.push(shopFile, strings.ReplaceAll(shopValues, "9f8e7d6c", sha[:8]))
}

// refused wants exit code 3, these words, and no commit.
func (g *guarded) refused(b bump.Bump, words ...string) {
	g.Helper()
	before := g.commits()
	_, err := g.client.Bump(g.Context(), b)
	wantProblem(g.TB, err, problem.Refused, words...)
	if got := g.commits(); got != before {
		g.Errorf("%d commits in spite of it", got-before)
	}
}

func (g *guarded) noticed(words ...string) {
	g.Helper()
	all := strings.Join(g.notices, "\n")
	for _, word := range words {
		if !strings.Contains(all, word) {
			g.Errorf("the notices do not say %q: %q", word, g.notices)
		}
	}
}
