package deployment_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// image is what a component's expressions are to name.
const image = "r/acme/core:core-1"

var (
	otherDigest = "sha256:" + strings.Repeat("aa", 32)
	ownDigest   = "sha256:" + strings.Repeat("bb", 32)
)

// TestEditsNameWhatIsDeployed has expressions after which the file would not name the image, or another digest would decide.
func TestEditsNameWhatIsDeployed(t *testing.T) {
	const beside, behind = "core: {newTag: core-0, digest: DIGEST}\n", "core: r/acme/core:core-0@DIGEST\n"
	other := []plan.Edit{{Component: "batch", Expressions: []string{`.all |= sub("core-.*", "batch-1")`}}}
	for name, c := range map[string]struct {
		file        string
		expressions []string
		others      []plan.Edit
		says        string // "" where nothing is refused
	}{
		"a digest beside the tag": {beside, []string{`.core.newTag = "core-1"`}, nil, "the digest at core.digest would stay"},
		"that is set as well":     {beside, []string{`.core.newTag = "core-1"`, `.core.digest = "` + ownDigest + `"`}, nil, ""},
		"a digest behind the tag": {behind, []string{`.core |= sub("core-0", "core-1")`}, nil, "another image would stay behind the tag"},
		"of the same image":       {behind, []string{`.core = "` + image + "@" + ownDigest + `"`}, nil, ""},
		"a digest that is lost":   {behind, []string{`.core = "` + image + `"`}, nil, "the digest behind the tag would be lost"},
		"a pattern that misses":   {"core: r:old\n", []string{`.core |= sub(":core-.*$", ":core-1")`}, nil, "without the image's tag or digest"},
		"the second one that does": {
			"core: {a: core-0, b: old}\n", []string{`.core.a = "core-1"`, `.core.b |= sub("core-.*", "core-1")`}, nil, "setting core.b",
		},
		"a value of another": {"all: core-0\n", []string{`.all |= sub("core-.*", "core-1")`}, other, "it is the value of batch as well"},
	} {
		file := []byte(strings.ReplaceAll(c.file, "DIGEST", otherDigest))
		edit := plan.Edit{Component: "core", Image: image, Digest: ownDigest, Expressions: c.expressions}
		s := &deployment.Snapshot{Repository: repository, Branch: branch, Files: map[string][]byte{shopFile: file}}
		files := []plan.File{{Path: shopFile, Edits: []plan.Edit{edit}, Others: c.others}}
		_, err := s.Edit(plan.Deployment{Repository: repository, Branch: branch, Files: files})
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "":
			t.Run(name, func(t *testing.T) { wantProblem(t, err, problem.Refused, c.says, shopFile+":1") })
		}
	}
}
