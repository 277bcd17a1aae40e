package identity_test

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// hidings put something else into the working tree than the commit has. They are a world's last: each is to be refused where an
// image has it.
var hidings = []mutation{
	{name: "submodule that is not checked out", do: always(func(w *world) {
		w.flag = true
		w.git("submodule", "deinit", "-q", "-f", "--all")
	}), of: hasModule},
	{name: "assume-unchanged", do: always(func(w *world) { w.hide("--assume-unchanged", func(name string) { w.write(name, w.fresh()) }) })},
	{name: "skip-worktree", do: always(func(w *world) {
		w.hide("--skip-worktree", func(name string) { w.must(os.Remove(filepath.Join(w.root, name))) })
	})},
	{name: "not committed", do: always(func(w *world) { w.flag = true; w.write(w.at(w.tracked()), w.fresh()) })},
	{name: "unmerged", do: always((*world).conflict)},
	{name: "former attributes", do: (*world).formerly},
}

// hide changes a file behind git's back.
func (w *world) hide(flag string, change func(name string)) {
	name := w.at(w.tracked())
	w.git("update-index", flag, name)
	w.flag = true
	change(name)
}

// conflict leaves a file to be merged.
func (w *world) conflict() {
	name := w.at(w.tracked())
	id := w.git("rev-parse", ":"+name)
	w.flag = true
	w.git("update-index", "--force-remove", name)
	entry := "100644 " + id + " "
	gitWith(w.t, w.root, entry+"1\t"+name+"\n"+entry+"2\t"+name+"\n"+entry+"3\t"+name+"\n", "update-index", "--index-info")
}

// formerly leaves in the working tree what a checkout has made of files by attributes that are gone.
func (w *world) formerly() bool {
	if w.eol != "" || hasModule(w) {
		return false
	}
	w.flag = true
	w.git("config", "filter.letters.clean", "tr a-j 0-9")
	w.git("config", "filter.letters.smudge", "tr 0-9 a-j")
	w.write(".gitattributes", pick(w, "*.txt text eol=crlf\n", "*.txt filter=letters\n")) // one of another size, one of the same
	w.git("add", ".gitattributes")
	w.git("commit", "-q", "-m", "attributes")
	w.git("rm", "-r", "-q", "--cached", ".")
	w.git("reset", "-q", "--hard")
	hour := time.Now().Add(-time.Hour) // git believes the times of files that are older than its index
	for name := range strings.SplitSeq(w.git("ls-files", "-z", "*.txt"), "\x00") {
		if info, err := os.Lstat(filepath.Join(w.root, name)); err == nil && info.Mode().IsRegular() {
			w.must(os.Chtimes(filepath.Join(w.root, name), hour, hour))
		}
	}
	w.git("update-index", "-q", "--refresh")
	w.git("rm", "-q", ".gitattributes")
	w.git("commit", "-q", "-m", "no attributes")
	w.prepare()
	return true
}
