package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/mount-utils"
)

// smallestImage is a little more than the 300 MB below which mkfs.xfs refuses.
const smallestImage = 320 << 20

// imageStore keeps volumes as sparse files NAME.img that hold an XFS file system, each mounted on the folder NAME.
type imageStore struct {
	directory string
}

// imageSize is the size of the image for a request: whole MiB, and at least what XFS needs.
func imageSize(request resource.Quantity) int64 {
	const mib = 1 << 20
	return max((request.Value()+mib-1)/mib*mib, smallestImage)
}

func (s imageStore) image(name string) string { return filepath.Join(s.directory, name+".img") }

func (s imageStore) mountPoint(name string) string { return filepath.Join(s.directory, name) }

// folder is what pods get: it exists only while the image is mounted, so that no pod writes beside the volume.
func (s imageStore) folder(name string) string { return filepath.Join(s.mountPoint(name), "volume") }

// create makes and mounts a volume that anyone may write to. It may be called again for a volume that exists.
func (s imageStore) create(name string, size int64) error {
	if _, err := os.Stat(s.image(name)); errors.Is(err, fs.ErrNotExist) {
		partial := s.image(name) + ".partial"
		if err := truncate(partial, size); err != nil {
			return err
		}
		if err := command("mkfs.xfs", "-q", "-f", partial); err != nil {
			return err
		}
		if err := os.Rename(partial, s.image(name)); err != nil {
			return err
		}
	}
	if err := s.mount(name); err != nil {
		return err
	}
	if err := os.MkdirAll(s.folder(name), 0o777); err != nil {
		return err
	}
	return os.Chmod(s.folder(name), 0o777)
}

func (s imageStore) mount(name string) error {
	if err := os.MkdirAll(s.mountPoint(name), 0o755); err != nil {
		return err
	}
	mounted, err := isMounted(s.mountPoint(name))
	if mounted || err != nil {
		return err
	}
	return command("mount", "-o", "loop", s.image(name), s.mountPoint(name))
}

// grow makes a mounted volume larger while it is in use.
func (s imageStore) grow(name string, size int64) error {
	info, err := os.Stat(s.image(name))
	if err != nil {
		return err
	}
	if info.Size() < size {
		if err := truncate(s.image(name), size); err != nil {
			return err
		}
	}
	device, err := exec.Command("findmnt", "--noheadings", "--first-only", "--output", "SOURCE", "--mountpoint", s.mountPoint(name)).Output()
	if err != nil {
		return fmt.Errorf("find the device of %s: %w", name, err)
	}
	if err := command("losetup", "--set-capacity", strings.TrimSpace(string(device))); err != nil {
		return err
	}
	return command("xfs_growfs", s.mountPoint(name))
}

// remove unmounts and deletes a volume; the unmount is lazy because a process of a dead node may still have files open.
func (s imageStore) remove(name string) error {
	mounted, err := isMounted(s.mountPoint(name))
	if err != nil {
		return err
	}
	if mounted {
		if err := command("umount", "--lazy", s.mountPoint(name)); err != nil {
			return err
		}
	}
	if err := os.Remove(s.mountPoint(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(s.image(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func isMounted(path string) (bool, error) {
	return mount.New("").IsMountPoint(path)
}

func truncate(path string, size int64) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(file.Truncate(size), file.Close())
}

func command(name string, arguments ...string) error {
	output, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(arguments, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}
