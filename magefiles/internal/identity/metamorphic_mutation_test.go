package identity_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// mutation changes a world in one way. It reports false where the world has nothing of the kind.
type mutation struct {
	name string
	do   func(w *world) bool
}

func always(do func(w *world)) func(*world) bool {
	return func(w *world) bool { do(w); return true }
}

// mutations are each as likely as the others.
var mutations = []mutation{
	{"edit a file", always(func(w *world) { w.write(w.at(w.tracked()), w.fresh()+"\n") })},
	{"edit a file of the same size and time", always(func(w *world) {
		name := filepath.Join(w.root, w.at(w.tracked()))
		old := time.Unix(1577836800, 0)
		text := w.fresh() + "\n"
		w.must(os.WriteFile(name, []byte(text), 0o644))
		w.must(os.Chtimes(name, old, old))
	})},
	{"edit beside the context", always(func(w *world) { w.write("other.txt", w.fresh()) })},
	{"edit a named context", always(func(w *world) { w.write("lib/"+pick(w, "l.txt", "ignored.txt"), w.fresh()) })},
	{"add a file", always(func(w *world) { w.write(w.at(pick(w, "src/new", "new", "docs/new", "c.txt")), w.fresh()) })},
	{"remove a file", func(w *world) bool {
		return os.Remove(filepath.Join(w.root, w.at(pick(w, "docs/readme.md", "src/y.md", "bb.txt")))) == nil
	}},
	{"rename a file", func(w *world) bool {
		return os.Rename(filepath.Join(w.root, w.at("src/y.md")), filepath.Join(w.root, w.at("src/renamed.md"))) == nil
	}},
	{"make a file executable", always(func(w *world) { w.must(os.Chmod(filepath.Join(w.root, w.at(w.tracked())), 0o755)) })},
	{"turn a link", always(func(w *world) { w.link("y.md", w.at("src/l")) })},
	{"edit a link's target", always(func(w *world) { w.write(w.at("src/x"), w.fresh()) })},
	{"put a link for a file", always(func(w *world) { w.link("src/x", w.at("b.txt")) })},
	{"touch all", always(func(w *world) {
		for _, name := range w.present() {
			when := time.Unix(1600000000+int64(w.random.IntN(1000)), 0)
			w.must(os.Chtimes(filepath.Join(w.root, w.at(name)), when, when))
		}
	})},
	{"another umask", always(func(w *world) {
		for _, name := range w.present() {
			path := filepath.Join(w.root, w.at(name))
			info, err := os.Stat(path)
			w.must(err)
			w.must(os.Chmod(path, info.Mode()&0o700))
		}
		w.must(os.Chmod(filepath.Join(w.root, w.at("src")), 0o700))
	})},
	{"empty directory", always(func(w *world) { w.must(os.MkdirAll(filepath.Join(w.root, w.at("src/empty")), 0o755)) })},
	{"file that git ignores", always(func(w *world) { w.write(w.at(".env"), "A="+w.fresh()) })},
	{"comment", always(func(w *world) { w.lines = append(w.lines, "# "+w.fresh()); w.writeDockerfiles() })},
	{"white space and case", always(func(w *world) {
		for i, line := range w.lines {
			w.lines[i] = strings.Replace(line, "COPY ", "copy   ", 1)
		}
		w.writeDockerfiles()
	})},
	{"instruction", always(func(w *world) { w.lines = append(w.lines, "LABEL extra="+w.fresh()); w.writeDockerfiles() })},
	{"reorder", always(func(w *world) { slices.Reverse(w.lines[len(w.lines)-2:]); w.writeDockerfiles() })},
	{"argument", always(func(w *world) { w.image.Args = map[string]string{"V": w.fresh(), "UNUSED": "1"} })},
	{"argument that is not declared", always(func(w *world) { w.image.Args = map[string]string{"V": "2", "UNUSED": w.fresh()} })},
	{"label", always(func(w *world) {
		w.image.OwnLabels = map[string]string{"team": "b"}
		w.image.Labels = map[string]string{"team": "b", plan.RevisionLabel: "a1"}
	})},
	{"next commit", always(func(w *world) {
		w.image.Labels = map[string]string{"team": w.image.OwnLabels["team"], plan.RevisionLabel: w.fresh()}
	})},
	{"ignore file", func(w *world) bool { w.write(w.at(".dockerignore"), ".git\ndocs\nbb.txt\n"); return true }},
	{"ignore file that hides nothing more", func(w *world) bool {
		name := w.at(".dockerignore")
		data, err := os.ReadFile(filepath.Join(w.root, name))
		if err != nil {
			return false
		}
		w.write(name, string(data)+"not-there\n")
		return true
	}},
	{"attributes", always(func(w *world) { w.attributes(pick(w, "lf", "crlf")) })},
	{"base moved", func(w *world) bool {
		if w.base == "" || w.base == "tools" {
			return false
		}
		w.pushBase(w.fresh(), nil)
		return true
	}},
	{"configuration of the base", func(w *world) bool {
		if w.base != "plain" && w.base != "context" {
			return false
		}
		w.pushBase(w.fresh(), func(c *v1.Config) { c.Env = []string{"FROM_BASE=" + w.fresh()} })
		return true
	}},
	{"need", func(w *world) bool {
		if w.need == nil {
			return false
		}
		w.need = append(w.need, pick(w, "COPY a.txt /a", "LABEL need="+w.fresh(), "# comment"))
		w.writeDockerfiles()
		return true
	}},
	{"submodule", func(w *world) bool {
		if w.module == "" {
			return false
		}
		w.changeModule()
		w.git("-C", w.at("module"), "pull", "-q")
		return true
	}},
	{"submodule that is not checked out", func(w *world) bool {
		if w.module == "" {
			return false
		}
		w.git("submodule", "deinit", "-q", "-f", "--all")
		w.flag = true
		return true
	}},
	{"assume-unchanged", always(func(w *world) { w.hide("--assume-unchanged", func(name string) { w.write(name, w.fresh()) }) })},
	{"skip-worktree", always(func(w *world) {
		w.hide("--skip-worktree", func(name string) { w.must(os.Remove(filepath.Join(w.root, name))) })
	})},
	{"not committed", always(func(w *world) { w.flag = true; w.write(w.at(w.tracked()), w.fresh()) })},
	{"platform", func(w *world) bool {
		if w.base == "tools" {
			return false
		}
		w.image.Platforms = []string{"linux/arm64"}
		return true
	}},
}

// hide changes a file behind git's back.
func (w *world) hide(flag string, change func(name string)) {
	name := w.at(w.tracked())
	w.git("update-index", flag, name)
	w.flag = true
	change(name)
}

func (w *world) exists(name string) bool {
	_, err := os.Lstat(filepath.Join(w.root, filepath.FromSlash(name)))
	return err == nil
}
