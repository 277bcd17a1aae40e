package targets_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// workflowOf is the environment of a workflow that runs for a ref.
func workflowOf(ref string) []string {
	kind, name := "branch", strings.TrimPrefix(ref, "refs/heads/")
	if tag, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
		kind, name = "tag", tag
	}
	return []string{"GITHUB_ACTIONS=true", "GITHUB_REF=" + ref, "GITHUB_REF_NAME=" + name, "GITHUB_REF_TYPE=" + kind}
}

// TestTagNamedLikeABranchIsNone: whoever may push tags may not release what the branch has not.
func TestTagNamedLikeABranchIsNone(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	git(t, a.dir, "checkout", "-q", "--detach")
	a.env = workflowOf("refs/tags/" + example.Branch)
	a.refuse(2, []string{`tag "` + example.Branch + `" deploys nowhere`, "stage takes branches"}, "release")
	a.env = append(workflowOf("refs/tags/"+example.Branch), "GITHUB_REF=")
	a.refuse(2, []string{"deploys nowhere"}, "release")
	a.env = workflowOf("refs/pull/12/merge")
	a.refuse(2, []string{"the commit is on no branch"}, "release")
	a.nothing()
	a.env = workflowOf("refs/heads/" + example.Branch)
	a.succeed("release")
}

// TestEnvironmentTakesItsRefsInAWorkflow: -env leads nowhere where the branch or tag would not.
func TestEnvironmentTakesItsRefsInAWorkflow(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"graphql", "rest"} {
		t.Run(api, func(t *testing.T) {
			a := newWorld(t).withProd("frontend", "")
			before := len(a.log())
			a.replace("astrago.yaml", "      file:", "      api: "+api+"\n      file:")
			a.commit("choose the API")
			git(t, a.dir, "checkout", "-q", "--detach")
			a.env = workflowOf("refs/heads/feature/evil")
			words := []string{"refusing -env=stage", `runs for branch "feature/evil"`, "astrago.yaml", example.Branch}
			for _, args := range [][]string{{"release"}, {"release", "-dryRun"}, {"bump"}, {"rollback"}, {"hold", "-reason=x"}, {"hold", "-lift"}} {
				a.refuse(3, words, append(args, "-env=stage")...)
			}
			a.refuse(3, []string{"refusing -env=prod", "promote -env=prod"}, "release", "-env=prod")
			a.refuse(3, []string{"refusing -env=prod"}, "promote", "-env=prod")
			if got := a.log(); len(got) != before {
				t.Errorf("history %q", got)
			}
			a.succeed("hold", "-env=stage")

			a.env = []string{"GITHUB_REF_NAME=feature/mine"} // a laptop
			result := a.succeed("release", "-env=stage")
			result.says(t, `deploying to stage from branch "feature/mine", which its`)
			a.wantMessage(`Astrago-Ref: branch "feature/mine", which stage does not take`)

			a.env = workflowOf("refs/heads/" + example.Branch)
			a.succeed("promote", "-env=prod") // from stage, which takes the branch
			if strings.Contains(a.message(), "Astrago-Ref") {
				t.Errorf("message\n%s", a.message())
			}
		})
	}
}

// TestReleaseByTags takes the tags that the environment names, with the version in the images' tags.
func TestReleaseByTags(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.replace("astrago.yaml", "service: frontend", "service: frontend\ntag: '{{ .Component }}-{{ .Environment }}-{{ .Version }}'")
	a.replace("astrago.yaml", "  stage:", "  stage:\n    tags: ['v*']")
	a.commit("release by tags")
	git(t, a.dir, "tag", "v1.2.0")
	git(t, a.dir, "checkout", "-q", "--detach")
	a.env = workflowOf("refs/tags/w1.2.0")
	a.refuse(2, []string{`tag "w1.2.0" deploys nowhere`, "tags v*"}, "release")
	a.env = workflowOf("refs/tags/v1.2.0")
	a.succeed("release")
	a.wantTags(example.ValuesPath, "frontend-stage-1.2.0")
}
