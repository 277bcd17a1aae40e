package rest_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"
)

func TestCompare(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	root := f.Tip()
	f.Git("branch", "side", root)
	next := f.Push(file, "next")
	side, err := f.Server.Commit(t.Context(), repo, "side", "on the side", map[string][]byte{"side": []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Server.Commit(t.Context(), repo, "unrelated", "another root", map[string][]byte{"x": []byte("x")}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		base, head, status string
		ahead, behind      int
	}{
		{root, next, "ahead", 1, 0},
		{next, root, "behind", 0, 1},
		{next, branch, "identical", 0, 0},
		{branch, "side", "diverged", 1, 1},
		{root, side, "ahead", 1, 0},
	} {
		got := must[*gogithub.CommitsComparison](t)(c.Repositories.CompareCommits(t.Context(), owner, name, test.base, test.head, nil))
		if got.GetStatus() != test.status || got.GetAheadBy() != test.ahead || got.GetBehindBy() != test.behind ||
			len(got.Commits) != test.ahead || len(got.Files) != test.ahead || got.GetMergeBaseCommit().GetSHA() == "" {
			t.Errorf("%s...%s = %s, ahead %d, behind %d", test.base, test.head, got.GetStatus(), got.GetAheadBy(), got.GetBehindBy())
		}
	}
	_, _, err = c.Repositories.CompareCommits(t.Context(), owner, name, root, strings.Repeat("1", 40), nil)
	githubtest.WantRefusal(t, err, 404, "Not Found")
	_, _, err = c.Repositories.CompareCommits(t.Context(), owner, name, branch, "unrelated", nil)
	githubtest.WantRefusal(t, err, 404, "No common ancestor between")
}
