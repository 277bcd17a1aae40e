package git

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
)

// Sized is a file with about the number of bytes that a checkout writes.
type Sized struct {
	Path string // in its repository
	Size int64
}

// mostWritten is the number of bytes of files that git is asked for at once.
const mostWritten = 64 << 20

// Written returns the SHA-256 of what a checkout would write for files of the index, by the paths in the repository that has its
// top at a directory.
func Written(ctx context.Context, top string, files []Sized) (map[string][sha256.Size]byte, error) {
	git := repository{dir: top}
	ids, err := git.objectIDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what a checkout writes: %w", err)
	}
	written := make(map[string][sha256.Size]byte, len(files))
	for begin := 0; begin < len(files); {
		end, size := begin, int64(0)
		for end < len(files) && (end == begin || size+files[end].Size <= mostWritten) {
			size += files[end].Size
			end++
		}
		if err := git.writtenFiles(ctx, files[begin:end], ids, written); err != nil {
			return nil, fmt.Errorf("reading what a checkout writes: %w", err)
		}
		begin = end
	}
	return written, nil
}

// objectIDs are those of the objects that the index has, by path.
func (r repository) objectIDs(ctx context.Context) (map[string]string, error) {
	entries, err := r.listNul(ctx, "ls-files", "--stage", "-z")
	ids := make(map[string]string, len(entries))
	for _, entry := range entries {
		if about, name, found := strings.Cut(entry, "\t"); found {
			if fields := strings.Fields(about); len(fields) == 3 { // mode, id, stage
				ids[name] = fields[1]
			}
		}
	}
	return ids, err
}

// writtenFiles asks for some files. The size that git puts before each is that before the conversion, so that a text which no file
// has tells them apart.
func (r repository) writtenFiles(ctx context.Context, files []Sized, ids map[string]string, sums map[string][sha256.Size]byte) error {
	mark := rand.Text()
	args, end := []string{"cat-file", "--batch=" + mark, "--filters"}, "\n"
	var asked strings.Builder
	for _, file := range files {
		if strings.Contains(file.Path, "\n") {
			args, end = append(args[:3], "-z"), "\x00" // git 2.38
		}
	}
	for _, file := range files {
		asked.WriteString(ids[file.Path] + " " + file.Path + end)
	}
	out, err := r.runQuery(ctx, asked.String(), args...)
	if err != nil {
		return err
	}
	contents := bytes.Split(append([]byte("\n"), out...), []byte("\n"+mark+"\n"))
	if len(contents) != len(files)+1 {
		return fmt.Errorf("git gave %d files of %d", len(contents)-1, len(files))
	}
	for i, content := range contents[1:] {
		if i == len(files)-1 {
			content = bytes.TrimSuffix(content, []byte("\n"))
		}
		sums[files[i].Path] = sha256.Sum256(content)
	}
	return nil
}
