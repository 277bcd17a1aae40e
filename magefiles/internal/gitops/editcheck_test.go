package gitops_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// image is the image that a component's expressions should name.
const image = "r/acme/core:core-1"

var (
	otherDigest = refs.Digest("aa").String()
	ownDigest   = refs.Digest("bb")
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
		"that is set as well":     {beside, []string{`.core.newTag = "core-1"`, `.core.digest = "` + ownDigest.String() + `"`}, nil, ""},
		"a digest behind the tag": {behind, []string{`.core |= sub("core-0", "core-1")`}, nil, "another image would stay behind the tag"},
		"of the same image":       {behind, []string{`.core = "` + image + "@" + ownDigest.String() + `"`}, nil, ""},
		"a digest that is lost":   {behind, []string{`.core = "` + image + `"`}, nil, "the digest behind the tag would be lost"},
		"a pattern that misses":   {"core: r:old\n", []string{`.core |= sub(":core-.*$", ":core-1")`}, nil, "without the image's tag or digest"},
		"the second one that does": {
			"core: {a: core-0, b: old}\n", []string{`.core.a = "core-1"`, `.core.b |= sub("core-.*", "core-1")`}, nil, "setting core.b",
		},
		"a value of another": {"all: core-0\n", []string{`.all |= sub("core-.*", "core-1")`}, other, "it is the value of batch as well"},
	} {
		file := []byte(strings.ReplaceAll(c.file, "DIGEST", otherDigest))
		planned := plan.Edit{Component: "core", Image: refs.Image(image), Digest: ownDigest, Expressions: c.expressions}
		s := &repo.Snapshot{Repository: repository, Branch: branch, Files: map[string][]byte{shopFile: file}}
		files := []plan.File{{Path: shopFile, Edits: []plan.Edit{planned}, Others: c.others}}
		_, err := edit.New(s, plan.Deployment{Repository: repository, Branch: branch, Files: files})
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "":
			t.Run(name, func(t *testing.T) { wantProblem(t, err, problem.Refused, c.says, shopFile+":1") })
		}
	}
}

// TestEditsNameTheirOwnImage has components whose names end alike, all of which set what is one value.
func TestEditsNameTheirOwnImage(t *testing.T) {
	planned := func(name component.Name, expression string) plan.Edit {
		return plan.Edit{Component: name, Image: refs.Image("r/acme/shop:" + string(name) + "-1"), Digest: ownDigest, Expressions: []string{expression}}
	}
	web, admin := planned("web", `.image.tag = "web-1"`), planned("admin-web", `.image.tag = "admin-web-1"`)
	missed := planned("web", `.image.tag |= sub("^web-0", "web-1")`)
	parts := []plan.Edit{planned("web", `.all |= sub("w=web-0", "w=web-1")`), planned("admin-web", `.all |= sub("admin-web-0", "admin-web-1")`)}
	for name, c := range map[string]struct {
		file  string
		edits []plan.Edit
		says  string
		exit  int
	}{
		"the longer one last":   {"image: {tag: web-0}\n", []plan.Edit{web, admin}, "both set it, to different values", problem.Usage},
		"the longer one first":  {"image: {tag: web-0}\n", []plan.Edit{admin, web}, "both set it, to different values", problem.Usage},
		"the shorter one fails": {"image: {tag: web-0}\n", []plan.Edit{admin, missed}, "without the image's tag or digest", problem.Refused},
		"each has its part":     {"all: a=admin-web-0 w=web-0\n", parts, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &repo.Snapshot{Repository: repository, Branch: branch, Files: map[string][]byte{shopFile: []byte(c.file)}}
			_, err := edit.New(s, plan.Deployment{Repository: repository, Branch: branch, Files: []plan.File{{Path: shopFile, Edits: c.edits}}})
			if c.says == "" && err != nil {
				t.Error(err)
			}
			if c.says != "" {
				wantProblem(t, err, c.exit, c.says)
			}
		})
	}
}

// TestAnchorsAreShared has values that an anchor gives components which the run leaves out.
func TestAnchorsAreShared(t *testing.T) {
	planned := func(name string) plan.Edit {
		return plan.Edit{Component: component.Name(name), Image: refs.Image("r/acme/" + name + ":s-1"), Digest: ownDigest, Expressions: []string{"." + name + `.tag = "s-1"`}}
	}
	for name, c := range map[string]struct {
		file   string
		shares bool
	}{
		"a map":       {"common: &c {tag: s-0}\ncore: *c\nbatch: *c\n", true},
		"a merge key": {"core: &c {tag: s-0}\nbatch: {<<: *c, x: y}\n", true},
		"a value":     {"core: {tag: &c s-0}\nbatch: {tag: *c}\n", true},
		"a stranger":  {"core: {tag: &c s-0}\nbatch: {tag: s-0}\nbatches: {tag: *c}\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &repo.Snapshot{Repository: repository, Branch: branch, Files: map[string][]byte{shopFile: []byte(c.file)}}
			f := plan.File{Path: shopFile, Shared: true, Edits: []plan.Edit{planned("core")}, Others: []plan.Edit{planned("batch")}}
			_, err := edit.New(s, plan.Deployment{Repository: repository, Branch: branch, Files: []plan.File{f}})
			if c.shares {
				wantProblem(t, err, problem.Refused, "it is the value of batch as well", "-only=core,batch")
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
