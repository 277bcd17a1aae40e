package targets_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// keeping is the backend whose unchanged images keep their tags, in stage and prod.
func keeping(t *testing.T, api string) *application {
	t.Helper()
	a := newWorld(t).withProd("backend", "")
	a.replace("astrago.yaml", "      file:", "      unchanged: keep\n      api: "+api+"\n      file:")
	a.commit("keep what is the same")
	return a
}

// document is a commit that changes no image, and whose release changes no value.
func (a *application) document(text string) (sha string) {
	a.t.Helper()
	a.write("README.md", text)
	a.commit(text)
	return a.shortSHA()
}

// TestUnchangedImagesKeepTheirTags releases documents, one component, an older build late, and goes back.
func TestUnchangedImagesKeepTheirTags(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"graphql", "rest"} {
		t.Run(api, func(t *testing.T) {
			a := keeping(t, api)
			first := a.next("first")
			tags := []string{"core-stage-" + first, "batch-stage-" + first, "monitor-stage-" + first}

			second := a.document("a typo")
			before := a.values()
			released := a.succeed("release")
			released.says(t, "core keeps core-stage-"+first+", which is the same image")
			if a.values() != before {
				t.Errorf("the values have changed:\n%s", a.values())
			}
			a.wantMessage("keep(stage): backend "+second, "Astrago-Kept: core core-stage-"+first+" ", "Astrago-Source: acme/backend@"+second)
			if strings.Contains(a.message(), "Astrago-Image") {
				t.Errorf("the commit says that something was deployed:\n%s", a.message())
			}
			commits := len(a.log())
			a.succeed("release", "-dryRun").says(t, "core keeps core-stage-"+first+", which is the same image")
			a.succeed("release").says(t, "nothing to do")
			if len(a.log()) != commits {
				t.Error("the repetition made a commit")
			}
			if s := a.status("-env=stage").Environments[0].Deployments[0].Components[0]; s.Tag != tags[0] || s.Source == nil || !strings.HasPrefix(s.Source.SHA, second) || len(s.Drift) > 0 {
				t.Errorf("status says %+v, and that it comes of %+v", s, s.Source)
			}

			third := a.next("third") // of core alone
			a.wantTags(example.ValuesPath, "core-stage-"+third, tags[1], tags[2])
			a.write("src/core.txt", "first")
			a.commit("back to the first core")
			fourth := a.shortSHA()
			a.succeed("rollback", "-env=stage", "-reason=login fails")
			a.wantTags(example.ValuesPath, tags...)
			a.succeed("release") // which ends the hold, and changes nothing
			a.wantTags(example.ValuesPath, tags...)
			a.wantMessage("keep(stage): backend "+fourth, "Astrago-Lifted: core")
			git(t, a.dir, "checkout", "-q", third)
			a.refuse(3, []string{"a newer build is deployed", fourth}, "release", "-env=stage")
			a.wantTags(example.ValuesPath, tags...)

			a.succeed("promote", "-env=prod")
			a.wantTags(prodPath, "core-prod-"+fourth, "batch-prod-"+fourth)
			git(t, a.dir, "checkout", "-q", example.Branch)
			fifth := a.document("another typo")
			a.succeed("release")
			a.succeed("promote", "-env=prod").says(t, "core keeps core-prod-"+fourth)
			a.wantMessage("keep(prod): backend " + fifth + " from stage")
		})
	}
}

// TestHeldComponentIsKept lets a release pass that leaves a frozen component as it is.
func TestHeldComponentIsKept(t *testing.T) {
	t.Parallel()
	a := keeping(t, "graphql")
	first := a.next("first")
	a.succeed("hold", "-env=stage", "-only=core", "-reason=demo")
	a.write("src/batch.txt", "changed")
	a.commit("of another component")
	second := a.shortSHA()
	a.succeed("release", "-dryRun").says(t, "core is held", "demo", "nothing changes until it is lifted", "once `prepare` has run: any other one is refused")
	a.succeed("release")
	a.wantTags(example.ValuesPath, "core-stage-"+first, "batch-stage-"+second)
	a.write("src/core.txt", "changed, too")
	a.commit("of the frozen one")
	if refused := a.refuse(3, []string{"core is held", "demo"}, "release"); strings.Contains(refused.stderr, "▸ build") {
		t.Errorf("something was built that may not be deployed:\n%s", refused.stderr)
	}
	a.wantTags(example.ValuesPath, "core-stage-"+first, "batch-stage-"+second)
}

// TestUnchangedImagesByPullRequest proposes what has changed alone, and the record of what has not; until the merge nothing is kept.
func TestUnchangedImagesByPullRequest(t *testing.T) {
	t.Parallel()
	a := keeping(t, "graphql")
	first := a.next("first")
	a.github.Grant(a.deployToken, example.Deployment, github.Permissions{Contents: github.Write, PullRequests: github.Write, Issues: github.Write})
	a.must(a.github.Protect(example.Deployment, example.Branch, github.Ruleset))
	a.replace("astrago.yaml", "      file:", "      mode: pull-request\n      file:")
	a.commit("release by pull request")
	merge := func(number string) {
		a.call(http.MethodPut, "/pulls/"+number+"/merge", map[string]string{"merge_method": "squash"}, &struct{}{})
	}

	second := a.document("a typo")
	before := a.values()
	a.succeed("release").says(t, "core keeps core-stage-"+first+", which is the same image", "pull request #1")
	if got := a.pull("1"); got.Title != "keep(stage): backend "+second || got.Files != 1 {
		t.Errorf("pull request %+v", got)
	}
	a.succeed("release").says(t, "nothing to do")
	merge("1")
	if a.values() != before {
		t.Errorf("the values have changed:\n%s", a.values())
	}
	if s := a.status("-env=stage").Environments[0].Deployments[0].Components[0]; s.Tag != "core-stage-"+first || s.Source == nil || !strings.HasPrefix(s.Source.SHA, second) {
		t.Errorf("status says %+v", s)
	}
	a.succeed("release").says(t, "nothing to do")

	a.write("src/batch.txt", "changed")
	a.commit("of one component")
	third := a.shortSHA()
	a.succeed("release")
	if got := a.pull("2"); got.Title != "deploy(stage): backend "+third || got.Files != 2 || strings.Contains(got.Body, "core-stage-"+third) {
		t.Errorf("pull request %+v", got)
	}
	merge("2")
	a.wantTags(example.ValuesPath, "core-stage-"+first, "batch-stage-"+third)
	git(t, a.dir, "checkout", "-q", second)
	a.refuse(3, []string{"a newer build is deployed", third}, "release", "-env=stage")
}

// TestKeptInOneOfTwoDeployments promotes what has other tags in each of them, as one keeps what has not changed and the other does
// not; and refuses what has other images.
func TestKeptInOneOfTwoDeployments(t *testing.T) {
	t.Parallel()
	a := keeping(t, "graphql")
	values := "core: 'core-stage-00000000'\nbatch: 'batch-stage-00000000'\nmonitor: 'monitor-stage-00000000'\n"
	_, err := a.github.CreateRepository(t.Context(), elsewhere, "main", map[string][]byte{"values.yaml": []byte(values)})
	a.must(err)
	a.github.Grant(a.deployToken, elsewhere, github.Permissions{Contents: github.Write})
	stage, prod, _ := strings.Cut(readFile(t, a.dir+"/astrago.yaml"), "\n  prod:")
	stage = strings.Replace(stage, "    deploy:\n      repository:", "    deploy:\n    - repository:", 1)
	a.write("astrago.yaml", strings.TrimRight(stage, "\n")+
		"\n    - { repository: "+elsewhere+", branch: main, file: values.yaml, set: '.{{ .Component }} = \"{{ .Tag }}\"' }\n\n  prod:"+prod)
	a.commit("two deployments")

	first := a.next("first")
	second := a.document("a typo")
	a.succeed("release")
	a.wantTags(example.ValuesPath, "core-stage-"+first)
	a.succeed("promote", "-env=prod")
	a.wantTags(prodPath, "core-prod-"+second, "batch-prod-"+second, "monitor-prod-"+second)

	third := a.next("third")
	a.put(map[string]string{example.ValuesPath: strings.ReplaceAll(a.values(), "core-stage-"+third, "core-stage-"+first)})
	a.refuse(3, []string{"core-stage-" + first, "core-stage-" + third, "finish what was begun there"}, "promote", "-env=prod")
}

// TestTagSetByHandThatIsKept is moved afterwards: the release that kept it has recorded its image.
func TestTagSetByHandThatIsKept(t *testing.T) {
	t.Parallel()
	a := keeping(t, "graphql")
	first := a.next("first")
	core := a.registry.Addr() + "/acme/backend:core-"
	image, err := registry.Pull(t.Context(), core+"stage-"+first, "dev", a.registryToken)
	a.must(err)
	_, err = registry.Push(t.Context(), core+"demo", image, "dev", a.registryToken)
	a.must(err)
	a.put(map[string]string{example.ValuesPath: strings.Replace(a.values(), "core-stage-"+first, "core-demo", 1)})
	a.document("a typo")
	a.succeed("release", "-force").says(t, "core keeps core-demo") // the commit's date is before the value's
	a.succeed("promote", "-env=prod", "-dryRun")
	was, err := image.Digest()
	a.must(err)
	moved, err := registry.PushBase(t.Context(), core+"demo", map[string][]byte{"/evil": []byte("evil")}, "dev", a.registryToken)
	a.must(err)
	a.refusedAlike([]string{"the tag names another image", was.String(), moved, "kept by commit"}, "promote", "-env=prod")
	s := a.status("-env=stage").Environments[0].Deployments[0].Components[0]
	if len(s.Drift) == 0 || s.Drift[len(s.Drift)-1].Kind != "tag-moved" {
		t.Errorf("status says %+v", s.Drift)
	}
	a.next("third") // which goes elsewhere
	a.refuse(3, []string{"the tag names another image", was.String()}, "rollback", "-env=stage", "-reason=x")
}
