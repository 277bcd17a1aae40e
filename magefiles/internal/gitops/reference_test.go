package gitops_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// TestDigestsOfNamesThatEndAlike has one value with a reference to each component's image, in every order: each has the digest of
// its own, and one whose digest stays that of an earlier image is refused, whichever stands before it.
func TestDigestsOfNamesThatEndAlike(t *testing.T) {
	digests := map[string]digest.Digest{"web": refs.Digest("1"), "admin-web": refs.Digest("2"), "my.web": refs.Digest("3")}
	stranger := "other/not-web-1@" + refs.Digest("4").String()
	for _, order := range [][]string{
		{"web", "admin-web", "my.web"},
		{"web", "my.web", "admin-web"},
		{"admin-web", "web", "my.web"},
		{"admin-web", "my.web", "web"},
		{"my.web", "web", "admin-web"},
		{"my.web", "admin-web", "web"},
	} {
		for _, reference := range []string{"%s-%d@%s", "r/acme/shop:%s-%d@%s"} {
			for _, stale := range append(order, "") {
				now, edits := stranger, []plan.Edit(nil)
				for _, name := range order {
					now += "," + fmt.Sprintf(reference, name, 0, refs.Digest("0"))
					tag, sum := fmt.Sprintf(reference, name, 1, ""), digests[name]
					if name == stale {
						sum = refs.Digest("0")
					}
					edits = append(edits, plan.Edit{
						Component: component.Name(name), Image: refs.Image("r/acme/shop:" + name + "-1"), Digest: digests[name],
						Expressions: []string{fmt.Sprintf(`.all |= sub(",%s%s", ",%s%s")`, fmt.Sprintf(reference, name, 0, ""), refs.Digest("0"), tag, sum)},
					})
				}
				s := &repo.Snapshot{Repository: repository, Branch: branch, Files: map[string][]byte{shopFile: []byte("all: " + now + "\n")}}
				_, err := edit.New(s, plan.Deployment{Repository: repository, Branch: branch, Files: []plan.File{{Path: shopFile, Edits: edits}}})
				if stale == "" && err != nil {
					t.Errorf("%s as %s: %v", strings.Join(order, ", "), reference, err)
				}
				if stale != "" {
					wantProblem(t, err, problem.Refused, "the digest of another image would stay behind the tag")
				}
			}
		}
	}
}
