package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is what a process holds and has used, from /proc (proc(5)).
type usage struct {
	processor time.Duration // of all threads so far
	resident  int           // KiB
	files     int           // open ones
}

func usageOf(pid int) (usage, error) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	var u usage
	threads, err := filepath.Glob(filepath.Join(dir, "task", "*", "schedstat"))
	if err != nil {
		return u, err
	}
	for _, t := range threads {
		b, err := os.ReadFile(t)
		if err != nil {
			continue // the thread has ended
		}
		ns, err := strconv.ParseInt(strings.Fields(string(b))[0], 10, 64)
		if err != nil {
			return u, fmt.Errorf("%s: %w", t, err)
		}
		u.processor += time.Duration(ns)
	}
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			if u.resident, err = strconv.Atoi(strings.Fields(rest)[0]); err != nil {
				return u, err
			}
		}
	}
	files, err := os.ReadDir(filepath.Join(dir, "fd"))
	u.files = len(files)
	return u, err
}

// heldIn names the kernel's functions in which threads of a process sleep that
// no signal wakes (state D of proc(5)).
func heldIn(pid int) string {
	tasks, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*"))
	if err != nil {
		return err.Error()
	}
	var held []string
	for _, task := range tasks {
		stat, err := os.ReadFile(filepath.Join(task, "stat"))
		if err != nil {
			continue // the thread has ended
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if !strings.HasPrefix(rest, "D") {
			continue
		}
		stack, err := os.ReadFile(filepath.Join(task, "stack"))
		if err != nil {
			stack = []byte(err.Error())
		}
		held = append(held, strings.Join(strings.Fields(strings.ReplaceAll(string(stack), "[<0>]", "")), " < "))
	}
	return strings.Join(held, "; ")
}
