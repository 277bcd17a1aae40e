package github_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestReadRangeListsBothSides(t *testing.T) {
	h := newHosted(t, double.Permissions{Contents: double.Read})
	for name, test := range map[string]struct {
		base, head    commitid.ID
		relation      git.Relation
		brings, takes string
	}{
		"ahead":          {h.first[:8], h.second, git.Ahead, "second", ""},
		"behind":         {h.second, h.first, git.Behind, "", "second"},
		"diverged":       {h.side, h.second, git.Diverged, "second", "side"},
		"identical":      {h.second, h.second, git.Identical, "", ""},
		"no such commit": {commitid.ID(strings.Repeat("0123456789", 4)), h.second, git.Unknown, "", ""},
	} {
		r, err := h.comparer.ReadRange(t.Context(), application, test.base, test.head, 250)
		if err != nil || r.Relation != test.relation || titles(r.Brings) != test.brings || titles(r.TakesBack) != test.takes {
			t.Errorf("%s: %s, brings %q, takes back %q, %v", name, r.Relation, titles(r.Brings), titles(r.TakesBack), err)
		}
		for _, c := range append(r.Brings.Commits, r.TakesBack.Commits...) {
			if len(c.SHA) != 40 || len(c.Parents) != 1 || c.Author == "" || c.Time.IsZero() || !strings.HasSuffix(c.Message, "\n\nbody") {
				t.Errorf("%s: a commit is %+v", name, c)
			}
		}
	}
	if _, err := h.comparer.ReadRange(t.Context(), application, "main", h.first, 250); err == nil {
		t.Error("a branch was taken for a commit")
	}
}

func titles(h git.History) string {
	var all []string
	for _, c := range h.Commits {
		title, _, _ := strings.Cut(c.Message, "\n")
		all = append(all, title)
	}
	return strings.Join(all, ", ")
}

// GitHub lists the oldest first, a hundred at once: of a long history the newest are read, and the rest is counted.
func TestReadRangeHasTheNewest(t *testing.T) {
	h := newHosted(t, double.Permissions{Contents: double.Read})
	dir, err := h.CreateRepository(t.Context(), "acme/long", "main", map[string][]byte{"a": []byte("1")})
	if err != nil {
		t.Fatal(err)
	}
	var stream strings.Builder
	for i := range 231 {
		from := ""
		if i == 0 {
			from = "from refs/heads/main^0\n"
		}
		message := fmt.Sprintf("commit %d", i)
		fmt.Fprintf(&stream, "commit refs/heads/long\ncommitter a <a@b> %d +0000\ndata %d\n%s\n%s\n", 1700000000+i, len(message), message, from)
	}
	fast := exec.CommandContext(t.Context(), "git", "-C", dir, "fast-import", "--quiet")
	fast.Stdin = strings.NewReader(stream.String())
	if out, err := fast.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), "git", "-C", dir, "rev-parse", "main", "long").Output()
	if err != nil {
		t.Fatal(err)
	}
	ids := strings.Fields(string(out))
	h.Grant("github_token_of_a_workflow", "acme/long", double.Permissions{Contents: double.Read})
	for most, pages := range map[int]int{20: 1, 130: 2, 250: 3} {
		before := h.Count(compareOperation)
		r, err := h.comparer.ReadRange(t.Context(), "acme/long", commitid.ID(ids[0]), commitid.ID(ids[1]), most)
		if err != nil || r.Brings.Count != 231 || len(r.Brings.Commits) != min(most, 231) {
			t.Fatalf("%d: %d of %d commits, %v", most, len(r.Brings.Commits), r.Brings.Count, err)
		}
		for i, c := range r.Brings.Commits {
			if want := fmt.Sprintf("commit %d", 230-i); strings.TrimSpace(c.Message) != want {
				t.Fatalf("%d: commit %d is %q, want %q", most, i, c.Message, want)
			}
		}
		if asked := h.Count(compareOperation) - before; asked > pages+2 {
			t.Errorf("%d: %d requests", most, asked)
		}
	}
}

func TestLabelsOfPullRequests(t *testing.T) {
	h := newHosted(t, double.Permissions{Contents: double.Write, PullRequests: double.Write, Issues: double.Write})
	send := func(path string, body any) {
		t.Helper()
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL()+"/repos/"+application+path, bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer github_token_of_a_workflow")
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode > http.StatusCreated {
			t.Fatalf("%v, %v", res, err)
		}
		_ = res.Body.Close()
	}
	send("/pulls", map[string]string{"title": "side", "head": "side", "base": "main"})
	send("/issues/1/labels", map[string][]string{"labels": {"bug", "help wanted"}})
	labels, err := h.comparer.Labels(t.Context(), application, []int{1, 2})
	if err != nil || len(labels) != 1 || strings.Join(labels[1], ",") != "bug,help wanted" {
		t.Errorf("%v, %v", labels, err)
	}
	h.Intercept(double.On("GET /repos/{owner}/{repo}/pulls/{number}", 0, double.Action{Reply: &double.Reply{
		Status: http.StatusForbidden, Body: `{"message":"Resource not accessible by integration"}`,
	}}))
	if _, err = h.comparer.Labels(t.Context(), application, []int{1}); err == nil || !strings.Contains(err.Error(), github.ErrNoAccess.Error()) {
		t.Errorf("%v", err)
	}
}
