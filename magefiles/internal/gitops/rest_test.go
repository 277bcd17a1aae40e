package gitops_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func onREST(o *gitops.Options) { o.API = config.APIREST }

// pushTree commits what a function leaves in a clone: modes and links, which no interface here can write.
func (w *world) pushTree(change func(clone string)) {
	w.Helper()
	clone := filepath.Join(w.TempDir(), "clone")
	w.git("clone", "--quiet", "--branch", branch, w.dir, clone)
	change(clone)
	for _, args := range [][]string{{"add", "--all"}, {"commit", "--quiet", "--message", "by hand"}, {"push", "--quiet"}} {
		cmd := exec.CommandContext(w.Context(), "git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		cmd.Dir = clone
		if out, err := cmd.CombinedOutput(); err != nil {
			w.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
}

func TestModesStay(t *testing.T) {
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		t.Run(string(api), func(t *testing.T) {
			w := newWorld(t, nil, func(o *gitops.Options) { o.API = api })
			w.pushTree(func(clone string) {
				if err := os.Chmod(filepath.Join(clone, shopFile), 0o755); err != nil {
					t.Fatal(err)
				}
			})
			w.bump(release(newSHA, "core"))
			if got := w.git("ls-tree", branch, shopFile); !strings.HasPrefix(got, "100755 blob ") {
				t.Errorf("the file is %s", got)
			}
			if got := w.git("diff", "--name-only", branch+"^", branch); got != shopFile+"\n" {
				t.Errorf("the commit touches %q", got)
			}
		})
	}
}

// The contents interface follows a link, and a commit would put a file in its place.
func TestLinksAreRefused(t *testing.T) {
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		t.Run(string(api), func(t *testing.T) {
			w := newWorld(t, nil, func(o *gitops.Options) { o.API = api })
			w.pushTree(func(clone string) {
				if err := os.Symlink("values.yaml", filepath.Join(clone, "environments", "stage", "link.yaml")); err != nil {
					t.Fatal(err)
				}
			})
			b := release(newSHA, "core")
			b.Deployment.Files[0].Path = "environments/stage/link.yaml"
			_, err := w.client.Bump(t.Context(), b)
			wantProblem(t, err, problem.Refused, "link.yaml", "a symbolic link")
		})
	}
}

// GitHub cuts the list of a large tree; then the way to the file is gone directory by directory.
func TestRESTFindsFilesInATruncatedTree(t *testing.T) {
	w := newWorld(t, nil, onREST)
	whole := w.head()
	w.Intercept(github.On(treeOperation, 1, github.Action{Reply: &github.Reply{
		Status: http.StatusOK, Body: string(`{"sha":"` + whole + `","tree":[],"truncated":true}`),
	}}))
	w.bump(release(newSHA, "core"))
	if got := w.content(shopFile); got != replaced(shopValues, ours9f, bumped) {
		t.Errorf("the file is\n%s", got)
	}
	if n := w.Count(treeOperation); n != 4 {
		t.Errorf("%d trees were read, want the cut one and 3 levels", n)
	}
	for path, text := range map[string]string{
		"environments/stag/values.yaml": "does not exist", "README.md/values.yaml": "does not exist", "environments/stage": "a directory",
	} {
		w.Intercept(github.On(treeOperation, 1, github.Action{Reply: &github.Reply{
			Status: http.StatusOK, Body: string(`{"sha":"` + whole + `","tree":[],"truncated":true}`),
		}}))
		_, err := w.client.Repo.Read(t.Context(), plan.Deployment{Repository: repository, Branch: branch, Files: []plan.File{{Path: path}}})
		wantProblem(t, err, problem.Refused, path, text)
	}
}

func TestRESTSendsLargeFilesAsBlobs(t *testing.T) {
	for name, test := range map[string]struct {
		content string
		blobs   int
	}{
		"small": {shopValues, 0},
		"large": {large(3 << 19), 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string][]byte{shopFile: []byte(test.content)}, onREST)
			w.bump(release(newSHA, "core"))
			if n := w.Count(newBlobOperation); n != test.blobs {
				t.Errorf("%d blobs, want %d", n, test.blobs)
			}
			if w.content(shopFile) != replaced(test.content, ours9f, bumped) {
				t.Error("other bytes have changed")
			}
		})
	}
}

// A snapshot may come from a client of the other backend.
func TestSnapshotsArePlainData(t *testing.T) {
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		t.Run("read by "+string(api), func(t *testing.T) {
			w := newWorld(t, nil, func(o *gitops.Options) { o.API = api })
			b := release(newSHA, "core")
			b.Snapshot = w.read(b.Deployment)
			b.Deployment.API = map[config.API]config.API{config.APIGraphQL: config.APIREST, config.APIREST: config.APIGraphQL}[api]
			w.bump(b)
			if got := w.content(shopFile); got != replaced(shopValues, ours9f, bumped) {
				t.Errorf("the file is\n%s", got)
			}
		})
	}
}

// 422 has many meanings, of which only a moved head is worth another attempt.
func TestRESTTellsTheRefusalsOfAMoveApart(t *testing.T) {
	for message, test := range map[string]struct {
		status int
		texts  []string
	}{
		"Reference update failed":     {problem.Refused, []string{"GitHub refuses to move the branch", "Rules", "deploy.mode: pull-request"}},
		"Reference cannot be updated": {problem.Refused, []string{"GitHub refuses to move the branch", "Rules"}},
		"Reference does not exist":    {problem.Refused, []string{`no branch "stabilize/1.0"`, "deploy.branch"}},
		"Object does not exist":       {problem.Failed, []string{"Object does not exist", "run the same command again"}},
		"Repository rule violations found\n\nChanges must be made through a pull request.": {problem.Refused, []string{"rules of the branch", "Bypass"}},
		"Protected branch update failed for refs/heads/stabilize/1.0.":                     {problem.Refused, []string{"rules of the branch"}},
	} {
		t.Run(message, func(t *testing.T) {
			w := newWorld(t, nil, onREST)
			before := w.commits()
			w.Intercept(github.On(moveOperation, 0, github.Action{Reply: new(restFault(http.StatusUnprocessableEntity, message))}))
			_, err := w.client.Bump(t.Context(), release(newSHA, "core"))
			wantProblem(t, err, test.status, test.texts...)
			if n := w.Count(moveOperation); n != 1 || w.commits() != before || len(w.clock.Waits()) > 0 {
				t.Errorf("%d moves, waits %v", n, w.clock.Waits())
			}
		})
	}
}

// What is refused before the branch is touched is final as well, with its details.
func TestRESTSaysWhatIsWrongWithACommit(t *testing.T) {
	for _, operation := range []string{newTreeOperation, newCommitOperation} {
		w := newWorld(t, nil, onREST)
		w.Intercept(github.On(operation, 1, github.Action{Reply: &github.Reply{
			Status: http.StatusUnprocessableEntity,
			Body:   `{"message":"Validation Failed","errors":[{"resource":"Commit","field":"message","code":"invalid"},"and a text"]}`,
		}}))
		_, err := w.client.Bump(t.Context(), release(newSHA, "core"))
		if err == nil || !strings.Contains(err.Error(), "422: Validation Failed; Commit message invalid; and a text") {
			t.Errorf("%s: error is %v", operation, err)
		}
		if w.Count(moveOperation) != 0 {
			t.Error("the branch was moved")
		}
	}
}

func TestRESTOfAnEmptyRepository(t *testing.T) {
	w := newWorld(t, nil, onREST)
	if _, err := w.CreateRepository(t.Context(), "acme/empty", "main", nil); err != nil {
		t.Fatal(err)
	}
	w.Grant(token, "acme/empty", github.Permissions{Contents: github.Write})
	_, err := w.client.Repo.Read(t.Context(), plan.Deployment{Repository: "acme/empty", Branch: "stage"})
	wantProblem(t, err, problem.Refused, `no branch "stage"`)
}

func TestRESTKnowsTheRole(t *testing.T) {
	for _, role := range []string{"READ", "TRIAGE", "WRITE", "MAINTAIN", "ADMIN"} {
		w := newWorld(t, nil, onREST)
		w.Grant(token, repository, github.Permissions{Contents: github.Write, Role: role})
		if got := w.read(release(newSHA).Deployment).Permission; got != role {
			t.Errorf("role %q, want %q", got, role)
		}
	}
}

// Requests that do not depend on each other are sent at once: what counts is how often one waits for an answer.
func TestRESTAsksForAllFilesAtOnce(t *testing.T) {
	w := newWorld(t, map[string][]byte{"a.yaml": []byte("a: 1\n"), "b.yaml": []byte("b: 1\n"), "c.yaml": []byte("c: 1\n")}, onREST)
	var together sync.WaitGroup
	together.Add(6)
	all := make(chan struct{})
	go func() {
		together.Wait()
		close(all)
	}()
	for _, operation := range []string{rawOperation, historyOperation} {
		w.Intercept(github.On(operation, 0, github.Action{Before: func() {
			together.Done()
			select {
			case <-all:
			case <-time.After(30 * time.Second):
				t.Error("the other requests wait for this one")
			}
		}}))
	}
	d := plan.Deployment{Repository: repository, Branch: branch, Files: []plan.File{{Path: "a.yaml"}, {Path: "b.yaml"}, {Path: "c.yaml"}}}
	if s := w.read(d); len(s.Files) != 3 || string(s.Files["c.yaml"]) != "c: 1\n" {
		t.Errorf("files %q", s.Files)
	}
}
