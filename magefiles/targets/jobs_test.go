package targets_test

import (
	"slices"
	"strings"
	"testing"
)

// twoJobs releases as a workflow does: what builds has no token that deploys, what deploys has no daemon, and each has a fresh clone.
type twoJobs struct {
	*application
	all []string // the world's environment
}

// build is the first job; it returns what it hands over, by component.
func (j *twoJobs) build(env ...string) (images string, digests map[string]string, said string) {
	j.t.Helper()
	j.git("clean", "-qfdx")
	deploys := func(pair string) bool { return strings.HasPrefix(pair, "DEPLOY_TOKEN=") }
	j.environ = append(slices.DeleteFunc(slices.Clone(j.all), deploys), env...)
	r := j.succeed("push", "-build")
	images, digests = strings.TrimSpace(r.stdout), map[string]string{}
	for line := range strings.Lines(r.stdout) {
		tag, digest, _ := strings.Cut(strings.TrimSpace(line), "@")
		component, _, _ := strings.Cut(tag[strings.LastIndexByte(tag, ':')+1:], "-")
		digests[component] = digest
	}
	return images, digests, r.stderr
}

// deploy is the second job.
func (j *twoJobs) deploy(images string) {
	j.t.Helper()
	j.git("clean", "-qfdx")
	j.environ = append(slices.Clone(j.all), noDaemon)
	if r := j.succeed("release", "-images="+images, "-noWait"); strings.Contains(r.stderr, "▸ prepare") {
		j.t.Errorf("the job that deploys runs `prepare`:\n%s", r.stderr)
	}
	if got := strings.Count(j.values(), j.shortSHA()); got != 3 {
		j.t.Errorf("%d components are deployed:\n%s", got, j.values())
	}
	for line := range strings.Lines(images) {
		repository, digest, _ := strings.Cut(strings.TrimSpace(line), "@")
		repository = repository[:strings.LastIndexByte(repository, ':')]
		if !strings.Contains(j.message(), repository+"@"+digest) {
			j.t.Errorf("the commit names no %s@%s:\n%s", repository, digest, j.message())
		}
	}
}

// TestTwoJobsBuildWhatIsNew: a commit of documents costs the first job neither `prepare` nor a build, one of a program that program alone.
func TestTwoJobsBuildWhatIsNew(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.replace("astrago.yaml", "  - mkdir", "  ignore: ['docs/*.md']\n  run: mkdir")
	a.write("docs/a.md", "words")
	a.commit("leave documents out")
	j := &twoJobs{application: a, all: a.environ}
	images, first, said := j.build()
	if len(first) != 3 || !strings.Contains(said, "▸ prepare") {
		t.Fatalf("the first job gives %q and says\n%s", images, said)
	}
	j.deploy(images)

	a.write("docs/a.md", "other words")
	a.commit("a document")
	images, second, said := j.build(noDaemon)
	for component, digest := range first {
		if second[component] != digest {
			t.Errorf("%s is %s, was %s", component, second[component], digest)
		}
	}
	if strings.Contains(said, "▸ prepare") || strings.Contains(said, "▸ build") {
		t.Errorf("a document is prepared or built:\n%s", said)
	}
	j.deploy(images)

	a.write("src/core.txt", "a changed program")
	a.commit("change core")
	images, third, said := j.build()
	if third["core"] == first["core"] || third["batch"] != first["batch"] || third["monitor"] != first["monitor"] {
		t.Errorf("built are %v, and were %v:\n%s", third, first, said)
	}
	j.deploy(images)
}
