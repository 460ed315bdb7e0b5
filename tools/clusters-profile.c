// SPDX-License-Identifier: GPL-2.0-only

/*
 * What the processes of cellfree-isac-clusters do between the calls by which ns-3 keeps them in step: a library to preload,
 * by MPI's profiling interface. tools/make-clusters-study.sh compiles it and tools/clusters-table.py reads what it leaves:
 * $CLUSTERS_PROFILE.RANK, one line "total MESSAGES NULL_MESSAGES WAITED_S WORK_S", then for granted time windows one line
 * "WORK_S SYNCHRONISED_S" per call of MPI_Allgather: processor time since the last one, and wall time in it.
 */

#define _GNU_SOURCE
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double* windows;      // work and wall time of each
static size_t n_windows;     // number of them
static size_t room;          // for windows
static double last_work;     // processor time when the last call ended
static double start_work;    // the same at the start of the run
static double waited;        // wall time of blocking calls
static double idle_work;     // processor time of blocking calls
static long n_messages;      // packets that were sent
static long n_null_messages; // messages without a packet
static double total_work;    // of the run, without blocking calls
static int is_over;          // whether the run is

static double
now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void
begin_run(void)
{
    start_work = last_work = now(CLOCK_PROCESS_CPUTIME_ID);
}

// Granted time windows begin a run by this, null messages by a receive.
int
MPI_Allreduce(const void* send, void* receive, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    const int result = PMPI_Allreduce(send, receive, n, type, op, comm);
    begin_run();
    return result;
}

int
MPI_Allgather(const void* send,
              int n,
              MPI_Datatype type,
              void* receive,
              int m,
              MPI_Datatype received,
              MPI_Comm comm)
{
    const double work = now(CLOCK_PROCESS_CPUTIME_ID);
    const double start = now(CLOCK_MONOTONIC);
    const int result = PMPI_Allgather(send, n, type, receive, m, received, comm);
    if (n_windows == room)
    {
        room = room ? 2 * room : 4096;
        windows = realloc(windows, 2 * room * sizeof(double));
    }
    const double wall = now(CLOCK_MONOTONIC) - start;
    windows[2 * n_windows] = work - last_work;
    windows[2 * n_windows + 1] = wall;
    ++n_windows;
    waited += wall;
    last_work = now(CLOCK_PROCESS_CPUTIME_ID);
    idle_work += last_work - work;
    return result;
}

int
MPI_Waitany(int n, MPI_Request* requests, int* index, MPI_Status* status)
{
    const double work = now(CLOCK_PROCESS_CPUTIME_ID);
    const double start = now(CLOCK_MONOTONIC);
    const int result = PMPI_Waitany(n, requests, index, status);
    waited += now(CLOCK_MONOTONIC) - start;
    idle_work += now(CLOCK_PROCESS_CPUTIME_ID) - work;
    return result;
}

int
MPI_Isend(const void* data,
          int n,
          MPI_Datatype type,
          int to,
          int tag,
          MPI_Comm comm,
          MPI_Request* request)
{
    if (!start_work)
    {
        begin_run();
    }
    // A null message is a time, a guarantee, and two zeros.
    ++*(n == 24 ? &n_null_messages : &n_messages);
    return PMPI_Isend(data, n, type, to, tag, comm, request);
}

// The table of the program, after the run.
int
MPI_Reduce(const void* send,
           void* receive,
           int n,
           MPI_Datatype type,
           MPI_Op op,
           int root,
           MPI_Comm comm)
{
    if (!is_over)
    {
        is_over = 1;
        total_work = now(CLOCK_PROCESS_CPUTIME_ID) - start_work - idle_work;
    }
    return PMPI_Reduce(send, receive, n, type, op, root, comm);
}

int
MPI_Finalize(void)
{
    const char* stem = getenv("CLUSTERS_PROFILE");
    if (stem)
    {
        int rank;
        char path[4096];
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        snprintf(path, sizeof(path), "%s.%d", stem, rank);
        FILE* file = fopen(path, "w");
        if (file)
        {
            fprintf(file, "total %ld %ld %.6f %.6f\n", n_messages, n_null_messages, waited, total_work);
            for (size_t i = 0; i < n_windows; ++i)
            {
                fprintf(file, "%.9f %.9f\n", windows[2 * i], windows[2 * i + 1]);
            }
            fclose(file);
        }
    }
    return PMPI_Finalize();
}
