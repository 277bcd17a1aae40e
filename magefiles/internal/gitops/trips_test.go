package gitops_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// keysIn is a repository of some files with the same number of keys, and the bump that sets all of them.
func keysIn(files, keys int) (content map[string][]byte, b bump.Bump) {
	content = map[string][]byte{}
	b = release(newSHA)
	b.Deployment.Files = nil
	for f := range files {
		path := fmt.Sprintf("environments/stage/values-%d.yaml", f)
		var text strings.Builder
		text.WriteString("images:\n")
		file := plan.File{Path: path}
		for k := range keys {
			fmt.Fprintf(&text, "  k%d:\n    tag: old # 이미지\n", k)
			file.Edits = append(file.Edits, plan.Edit{
				Component: component.Name(fmt.Sprintf("c%d-%d", f, k)), Expressions: []string{fmt.Sprintf(`.images.k%d.tag = "new"`, k)},
			})
		}
		content[path] = []byte(text.String())
		b.Deployment.Files = append(b.Deployment.Files, file)
	}
	return content, b
}

func TestTripsDoNotDependOnTheNumberOfKeys(t *testing.T) {
	for _, size := range []struct{ files, keys int }{{1, 1}, {3, 50}} {
		t.Run(fmt.Sprintf("%d keys in %d files", size.files*size.keys, size.files), func(t *testing.T) {
			content, b := keysIn(size.files, size.keys)
			w := newWorld(t, content)
			result := w.bump(b)
			w.wantOperations(readOperation, commitOperation)
			if len(result.Changes) != size.files*size.keys || w.commits() != 2 {
				t.Errorf("%d changes in %d commits", len(result.Changes), w.commits()-1)
			}
			for path, old := range content {
				if got, want := w.content(path), strings.ReplaceAll(string(old), "tag: old", "tag: new"); got != want {
					t.Errorf("%s is\n%s", path, got)
				}
			}
		})
	}
}

// BenchmarkBump is a bump on a GitHub that is 100 ms away.
func BenchmarkBump(b *testing.B) {
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		for _, size := range []struct{ files, keys int }{{1, 1}, {1, 50}, {3, 17}} {
			b.Run(fmt.Sprintf("%s/%d-keys-in-%d-files", api, size.files*size.keys, size.files), func(b *testing.B) {
				content, bump := keysIn(size.files, size.keys)
				w := newWorld(b, content, func(o *gitops.Options) { o.API, o.Transport = api, distant{100 * time.Millisecond} })
				for b.Loop() {
					w.bump(bump)
					b.StopTimer()
					w.revert(content)
					b.StartTimer()
				}
			})
		}
	}
}

// BenchmarkBumpLarge is a bump of one key in a file of up to 40 MB, on this machine.
func BenchmarkBumpLarge(b *testing.B) {
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		for _, size := range []int{1 << 20, 10 << 20, 40 << 20} {
			b.Run(fmt.Sprintf("%s/%d-MB", api, size>>20), func(b *testing.B) {
				content := map[string][]byte{shopFile: []byte(large(size))}
				w := newWorld(b, content, func(o *gitops.Options) { o.API = api })
				b.SetBytes(int64(size))
				for b.Loop() {
					w.bump(release(newSHA, "core"))
					b.StopTimer()
					w.revert(content)
					b.StartTimer()
				}
			})
		}
	}
}

// revert commits the files as they were.
func (w *world) revert(content map[string][]byte) {
	w.Helper()
	if _, err := w.Commit(w.Context(), repository, branch, "revert", content); err != nil {
		w.Fatal(err)
	}
}

// distant is a network with a round trip time.
type distant struct{ roundTrip time.Duration }

// RoundTrip implements http.RoundTripper.
func (d distant) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case <-time.After(d.roundTrip):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	return http.DefaultTransport.RoundTrip(req)
}
