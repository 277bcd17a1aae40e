package source

import (
	"context"
	"fmt"
)

// ReadBlob gives a file's content by File.ID, as the commit has it that the ID is of.
func ReadBlob(ctx context.Context, root, id string) ([]byte, error) {
	content, err := repository{dir: root}.raw(ctx, "cat-file", "blob", id)
	if err != nil {
		return nil, fmt.Errorf("reading the file with the content %s: %w", id, err)
	}
	return content, nil
}
