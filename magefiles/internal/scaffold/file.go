package scaffold

import (
	"fmt"
	"io/fs"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// Action is the action on a file.
type Action string

// The actions.
const (
	Create  Action = "create"
	Change  Action = "change" // lines are added
	Replace Action = "replace"
	Keep    Action = "keep" // it is there, and differs
	Nothing Action = "nothing"
)

// File is one file of the application repository as it should be.
type File struct {
	Path    string // slash-separated, relative to the root
	Content string
	Old     string // what is there, where it is
	Action  Action
}

// Draft returns what a repository of the layout needs. templates are astrago-ci's own; force replaces what is there and differs.
func (f Facts) Draft(l Layout, templates fs.FS, force bool) ([]File, error) {
	work, err := fs.ReadFile(templates, "generic/go.work")
	if err != nil {
		return nil, fmt.Errorf("reading the templates: %w", err)
	}
	magefile, err := fs.ReadFile(templates, "generic/magefiles/magefile.go")
	if err != nil {
		return nil, fmt.Errorf("reading the templates: %w", err)
	}
	files := []File{{Path: config.FileName, Content: l.Configuration()}}
	files = append(files, workspaceFiles(f, string(work))...)
	files = append(files, File{Path: "magefiles/magefile.go", Content: string(magefile)})
	workflows, err := f.workflows(l, templates)
	if err != nil {
		return nil, err
	}
	for _, file := range workflows {
		if f.Pin != nil {
			file.Content = string(f.Pin([]byte(file.Content)))
		}
		files = append(files, file)
	}
	for i := range files {
		files[i].decideAction(f, force)
	}
	files = append(files, addedFile(f, ".gitignore", gitignoreText(f)))
	files = append(files, reproducibleArchives(f, l)...)
	if text := dockerignoreText(f, l.Components); text != "" {
		files = append(files, addedFile(f, ".dockerignore", text))
	}
	return files, nil
}

func (file *File) decideAction(f Facts, force bool) {
	info, err := fs.Lstat(f.Tree, file.Path)
	file.Old = f.readFile(file.Path)
	switch {
	case err != nil:
		file.Action = Create
	case file.Old == "" && (!info.Mode().IsRegular() || info.Size() > 0): // what cannot be read is not written either
		file.Action = Keep
	case file.Old == file.Content:
		file.Action = Nothing
	case force:
		file.Action = Replace
	default:
		file.Action = Keep
	}
}

// addedFile is a file that lines are added to.
func addedFile(f Facts, name, content string) File {
	file := File{Path: name, Content: content}
	if file.decideAction(f, true); file.Action == Replace {
		file.Action = Change
	}
	return file
}
