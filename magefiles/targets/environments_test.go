package targets_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

const prodPath = "helmfile/environments/prod/values.yaml"

// withProd adds a second environment, whose images come from stage.
func (w *world) withProd(name, settings string) *application {
	w.t.Helper()
	a := w.application(name)
	data := readFile(w.t, a.dir+"/astrago.yaml")
	_, stage, _ := strings.Cut(data, "    deploy:")
	prod := strings.ReplaceAll("    deploy:"+stage, "environments/stage/", "environments/prod/")
	a.write("astrago.yaml", data+"\n  prod:\n    from: stage\n"+settings+prod)
	a.commit("deploy to prod")
	w.put(map[string]string{prodPath: strings.ReplaceAll(w.initial(), "-stage-", "-prod-")})
	return a
}

// initial are the values before the first release.
func (w *world) initial() string {
	w.t.Helper()
	data, err := example.Values()
	w.must(err)
	return string(data)
}

// put commits files to the deployment repository as somebody else.
func (w *world) put(files map[string]string) string {
	w.t.Helper()
	contents := map[string][]byte{}
	for path, content := range files {
		contents[path] = []byte(content)
	}
	sha, err := w.github.Commit(w.t.Context(), example.Deployment, example.Branch, "by hand", contents)
	w.must(err)
	return sha
}

// file is one of the deployment repository as git has it now.
func (w *world) file(path string) string {
	w.t.Helper()
	data, err := w.github.File(example.Deployment, "refs/heads/"+example.Branch, path)
	w.must(err)
	return string(data)
}

// message is the newest commit's.
func (w *world) message() string {
	w.t.Helper()
	out, err := exec.CommandContext(w.t.Context(), "git", "-C", w.bare, "log", "-1", "--format=%B", example.Branch).Output()
	w.must(err)
	return string(out)
}

// wantMessage looks for lines in the newest commit's message.
func (w *world) wantMessage(lines ...string) {
	w.t.Helper()
	message := w.message()
	for _, line := range lines {
		if !strings.Contains("\n"+message, "\n"+line) {
			w.t.Errorf("the message lacks the line %q:\n%s", line, message)
		}
	}
}

// next makes a commit of the application and releases it to stage.
func (a *application) next(content string, flags ...string) (sha string) {
	a.t.Helper()
	a.write("src/"+a.components()[0]+".txt", content)
	a.commit(content)
	a.succeed(append([]string{"release", "-env=stage"}, flags...)...)
	return a.shortSHA()
}

// wantTags checks the tags of components in a values file.
func (w *world) wantTags(path string, tags ...string) {
	w.t.Helper()
	text := w.file(path)
	for _, tag := range tags {
		if !strings.Contains(text, tag) {
			w.t.Errorf("%s lacks %s:\n%s", path, tag, text)
		}
	}
}

// says wants words on standard error.
func (r result) says(t *testing.T, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(r.stderr, word) {
			t.Errorf("it does not say %q:\n%s", word, r.stderr)
		}
	}
}
