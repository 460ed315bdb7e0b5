// SPDX-License-Identifier: GPL-2.0-only

// A library of its own, which cellfree::OpenArrayFile() opens: nothing else includes HDF5.

#include "ns3/cell-free-array-file.h"

#include <algorithm>
#include <hdf5.h>
#include <map>
#include <stdexcept>
#include <utility>

namespace ns3
{

namespace
{

constexpr uint64_t MAX_CHUNK_BYTES = uint64_t(1) << 28; //!< of a file from a stranger
constexpr uint64_t MAX_TEXT_BYTES = 1 << 16;            //!< of an attribute
constexpr std::size_t MAX_ENTRIES = 1000;               //!< groups and arrays
constexpr uint64_t BUFFER_BYTES = 1 << 24;              //!< of rows that wait to be written
constexpr uint64_t BUFFER_ROWS = 64;                    //!< of an array of more than one axis
constexpr uint64_t BUFFER_SCALARS = 1024;               //!< rows of an array of one axis

/// An identifier of HDF5's, closed at the end.
class Handle
{
  public:
    Handle() = default;

    Handle(hid_t id, herr_t (*close)(hid_t))
        : m_id(id),
          m_close(close)
    {
    }

    Handle(Handle&& other) noexcept
    {
        *this = std::move(other);
    }

    Handle& operator=(Handle&& other) noexcept
    {
        std::swap(m_id, other.m_id);
        std::swap(m_close, other.m_close);
        return *this;
    }

    ~Handle()
    {
        if (m_id >= 0 && m_close)
        {
            m_close(m_id);
        }
    }

    /// Leaves it open.
    void Release()
    {
        m_close = nullptr;
    }

    operator hid_t() const
    {
        return m_id;
    }

  private:
    hid_t m_id{-1};
    herr_t (*m_close)(hid_t){nullptr};
};

/// What H5Literate() found.
struct Links
{
    std::vector<std::pair<std::string, H5L_type_t>> links;
};

herr_t
NoteLink(hid_t /* group */, const char* name, const H5L_info_t* info, void* data)
{
    auto& links = static_cast<Links*>(data)->links;
    links.emplace_back(name, info->type);
    return links.size() > MAX_ENTRIES ? -1 : 0;
}

/// The type of complex numbers in memory, as h5py names its parts.
Handle
MakeComplexType()
{
    Handle type(H5Tcreate(H5T_COMPOUND, 2 * sizeof(double)), H5Tclose);
    H5Tinsert(type, "r", 0, H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "i", sizeof(double), H5T_NATIVE_DOUBLE);
    return type;
}

bool
IsNumber(hid_t type)
{
    const auto kind = H5Tget_class(type);
    return kind == H5T_FLOAT || kind == H5T_INTEGER;
}

bool
IsComplex(hid_t type)
{
    if (H5Tget_class(type) != H5T_COMPOUND || H5Tget_nmembers(type) != 2)
    {
        return false;
    }
    for (const char* part : {"r", "i"})
    {
        const int member = H5Tget_member_index(type, part);
        if (member < 0 || H5Tget_member_class(type, member) != H5T_FLOAT)
        {
            return false;
        }
    }
    return true;
}

class Hdf5File : public CellFreeArrayFile
{
  public:
    Hdf5File(const std::string& path, bool isNew)
        : m_path(path),
          m_isNew(isNew)
    {
        // Before all else: what is closed is closed here, and the rest had better stay.
        H5dont_atexit();
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
        // A file cannot make us load a library.
        H5PLset_loading_state(0);
        if (isNew)
        {
            m_file =
                Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
            Expect(m_file >= 0, "", "cannot be written");
            return;
        }
        Expect(H5Fis_hdf5(path.c_str()) > 0, "", "expected an HDF5 file that can be read");
        m_file = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
        Expect(m_file >= 0, "", "is damaged or being written: expected a complete HDF5 file");
    }

    ~Hdf5File() override
    {
        // HDF5 crashes where it cannot write what is left.
        if (m_isBroken)
        {
            m_file.Release();
            for (auto& [name, array] : m_arrays)
            {
                array.handle.Release();
            }
        }
    }

    std::vector<Entry> List() override
    {
        std::vector<Entry> entries;
        ListGroup("", entries);
        return entries;
    }

    std::optional<std::string> FindText(const std::string& name,
                                        const std::string& attribute) override
    {
        const auto handle = OpenAttribute(name, attribute);
        if (handle < 0)
        {
            return {};
        }
        const Handle type(H5Aget_type(handle), H5Tclose);
        const Handle space(H5Aget_space(handle), H5Sclose);
        Expect(H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1,
               name,
               "attribute " + attribute + ": expected a text");
        const Handle memory(H5Tcopy(type), H5Tclose);
        std::string text;
        if (H5Tis_variable_str(type) > 0)
        {
            char* buffer = nullptr;
            Expect(H5Aread(handle, memory, &buffer) >= 0,
                   name,
                   "attribute " + attribute + " cannot be read");
            text = buffer ? std::string(buffer).substr(0, MAX_TEXT_BYTES) : "";
            H5free_memory(buffer);
            return text;
        }
        const auto size = H5Tget_size(type);
        Expect(size <= MAX_TEXT_BYTES, name, "attribute " + attribute + " is too long");
        text.resize(size);
        Expect(H5Aread(handle, memory, text.data()) >= 0,
               name,
               "attribute " + attribute + " cannot be read");
        return text.substr(0, text.find('\0'));
    }

    std::optional<double> FindNumber(const std::string& name, const std::string& attribute) override
    {
        const auto handle = OpenAttribute(name, attribute);
        if (handle < 0)
        {
            return {};
        }
        const Handle type(H5Aget_type(handle), H5Tclose);
        const Handle space(H5Aget_space(handle), H5Sclose);
        double number = 0.0;
        Expect(IsNumber(type) && H5Sget_simple_extent_npoints(space) == 1 &&
                   H5Aread(handle, H5T_NATIVE_DOUBLE, &number) >= 0,
               name,
               "attribute " + attribute + ": expected a number");
        return number;
    }

    void Read(const std::string& name, uint64_t first, uint64_t count, double* values) override
    {
        auto& array = OpenArray(name);
        std::vector<hsize_t> start(array.shape.size(), 0);
        std::vector<hsize_t> size(array.shape.begin(), array.shape.end());
        start[0] = first;
        size[0] = count;
        const Handle space(H5Dget_space(array.handle), H5Sclose);
        const Handle memory(H5Screate_simple(size.size(), size.data(), nullptr), H5Sclose);
        const Handle type =
            array.isComplex ? MakeComplexType() : Handle(H5Tcopy(H5T_NATIVE_DOUBLE), H5Tclose);
        Expect(H5Sselect_hyperslab(space,
                                   H5S_SELECT_SET,
                                   start.data(),
                                   nullptr,
                                   size.data(),
                                   nullptr) >= 0 &&
                   H5Dread(array.handle, type, memory, space, H5P_DEFAULT, values) >= 0,
               name,
               "rows cannot be read: the file is damaged");
    }

    void Create(const Entry& entry, const std::string& axes, const std::string& unit) override
    {
        auto& array = m_arrays[entry.name];
        array.shape = entry.shape;
        array.isComplex = entry.isComplex;
        array.rowValues = entry.isComplex ? 2 : 1;
        for (std::size_t axis = 1; axis < entry.shape.size(); ++axis)
        {
            array.rowValues *= entry.shape[axis];
        }
        array.bufferRows =
            entry.shape.size() == 1
                ? BUFFER_SCALARS
                : std::clamp<uint64_t>(BUFFER_BYTES / (8 * std::max<uint64_t>(array.rowValues, 1)),
                                       1,
                                       BUFFER_ROWS);

        // Values that stay the same for a while lie near each other in a chunk, so that they take
        // no room.
        std::vector<hsize_t> size(entry.shape.begin(), entry.shape.end());
        std::vector<hsize_t> chunk = size;
        std::vector<hsize_t> limit = size;
        size[0] = 0;
        limit[0] = H5S_UNLIMITED;
        std::transform(chunk.begin(), chunk.end(), chunk.begin(), [](hsize_t n) {
            return std::max<hsize_t>(n, 1);
        });
        chunk[0] = array.bufferRows;
        if (chunk.size() > 2)
        {
            chunk[1] = 1;
        }
        const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        // No times, so that the same values are the same bytes.
        H5Pset_obj_track_times(properties, false);
        H5Pset_chunk(properties, chunk.size(), chunk.data());
        H5Pset_shuffle(properties);
        H5Pset_deflate(properties, 1);
        const Handle space(H5Screate_simple(size.size(), size.data(), limit.data()), H5Sclose);
        const Handle type =
            array.isComplex ? MakeComplexType() : Handle(H5Tcopy(H5T_IEEE_F64LE), H5Tclose);
        const auto slash = entry.name.find('/');
        if (slash != std::string::npos)
        {
            const auto group = entry.name.substr(0, slash);
            if (H5Lexists(m_file, group.c_str(), H5P_DEFAULT) <= 0)
            {
                const Handle groupProperties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
                H5Pset_obj_track_times(groupProperties, false);
                const Handle made(
                    H5Gcreate2(m_file, group.c_str(), H5P_DEFAULT, groupProperties, H5P_DEFAULT),
                    H5Gclose);
                Expect(made >= 0, group, "cannot be written");
            }
        }
        array.handle = Handle(H5Dcreate2(m_file,
                                         entry.name.c_str(),
                                         type,
                                         space,
                                         H5P_DEFAULT,
                                         properties,
                                         H5P_DEFAULT),
                              H5Dclose);
        Expect(array.handle >= 0, entry.name, "cannot be written");
        WriteText(array.handle, "axes", axes);
        WriteText(array.handle, "unit", unit);
    }

    void Append(const std::string& name, const std::vector<double>& row) override
    {
        auto& array = m_arrays.at(name);
        Expect(row.size() == array.rowValues, name, "is given a row of another size");
        array.buffer.insert(array.buffer.end(), row.begin(), row.end());
        if (++array.nBuffered == array.bufferRows)
        {
            Flush(name, array);
        }
    }

    void SetText(const std::string& attribute, const std::string& text) override
    {
        WriteText(m_file, attribute, text);
    }

    void SetNumber(const std::string& attribute, double number) override
    {
        const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
        const Handle made(
            H5Acreate2(m_file, attribute.c_str(), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT),
            H5Aclose);
        Expect(made >= 0 && H5Awrite(made, H5T_NATIVE_DOUBLE, &number) >= 0,
               "",
               "cannot be written");
    }

    void Close() override
    {
        for (auto& [name, array] : m_arrays)
        {
            Flush(name, array);
        }
        Expect(H5Fflush(m_file, H5F_SCOPE_GLOBAL) >= 0, "", "cannot be written: is the disk full?");
        m_arrays.clear();
        m_file = Handle();
    }

  private:
    struct Array
    {
        Handle handle;
        std::vector<uint64_t> shape;
        bool isComplex{false};
        uint64_t rowValues{0};
        uint64_t bufferRows{0};
        uint64_t nBuffered{0};
        std::vector<double> buffer;
    };

    void Expect(bool isTrue, const std::string& name, const std::string& what) const
    {
        if (!isTrue)
        {
            m_isBroken = m_isNew;
            throw std::runtime_error(m_path + ": " + (name.empty() ? "" : "/" + name + ": ") +
                                     what);
        }
    }

    void ListGroup(const std::string& group, std::vector<Entry>& entries)
    {
        const Handle handle(H5Gopen2(m_file, ("/" + group).c_str(), H5P_DEFAULT), H5Gclose);
        Links links;
        Expect(handle >= 0 &&
                   H5Literate(handle, H5_INDEX_NAME, H5_ITER_INC, nullptr, NoteLink, &links) >= 0,
               group,
               "cannot be listed: it is damaged or has more than " + std::to_string(MAX_ENTRIES) +
                   " entries");
        for (const auto& [link, type] : links.links)
        {
            const auto name = group.empty() ? link : group + "/" + link;
            Expect(type == H5L_TYPE_HARD,
                   name,
                   "is a link to somewhere else: expected the data itself");
            const Handle object(H5Oopen(m_file, name.c_str(), H5P_DEFAULT), H5Oclose);
            const auto kind = object >= 0 ? H5Iget_type(object) : H5I_BADID;
            Expect(kind == H5I_GROUP || kind == H5I_DATASET,
                   name,
                   "is neither an array nor a group");
            if (kind == H5I_DATASET)
            {
                entries.push_back(Describe(name, object));
                continue;
            }
            // A group may be its own member, so that its groups could go on for ever.
            Expect(group.empty(), name, "is a group within a group: expected arrays");
            entries.push_back({name, true, false, {}, 0, 0});
            ListGroup(name, entries);
        }
    }

    Entry Describe(const std::string& name, hid_t dataset) const
    {
        Entry entry;
        entry.name = name;
        const Handle type(H5Dget_type(dataset), H5Tclose);
        entry.isComplex = IsComplex(type);
        Expect(entry.isComplex || IsNumber(type),
               name,
               "expected numbers, or complex ones of parts r and i");
        const Handle space(H5Dget_space(dataset), H5Sclose);
        Expect(H5Sget_simple_extent_type(space) == H5S_SIMPLE, name, "expected an array");
        std::vector<hsize_t> shape(H5Sget_simple_extent_ndims(space));
        H5Sget_simple_extent_dims(space, shape.data(), nullptr);
        entry.shape.assign(shape.begin(), shape.end());
        entry.storedBytes = H5Dget_storage_size(dataset);

        const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
        Expect(H5Pget_external_count(properties) == 0,
               name,
               "is in another file: expected the data itself");
        const auto layout = H5Pget_layout(properties);
        Expect(layout == H5D_CHUNKED || layout == H5D_CONTIGUOUS || layout == H5D_COMPACT,
               name,
               "is a view of other data: expected the data itself");
        for (int i = 0; i < H5Pget_nfilters(properties); ++i)
        {
            unsigned int flags = 0;
            std::size_t nValues = 0;
            const auto filter =
                H5Pget_filter2(properties, i, &flags, &nValues, nullptr, 0, nullptr, nullptr);
            Expect(filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE ||
                       filter == H5Z_FILTER_FLETCHER32,
                   name,
                   "is compressed by filter " + std::to_string(filter) + ": expected gzip or none");
        }
        if (layout == H5D_CHUNKED)
        {
            std::vector<hsize_t> chunk(shape.size());
            H5Pget_chunk(properties, chunk.size(), chunk.data());
            entry.chunkRows = chunk[0];
            long double bytes = H5Tget_size(type);
            for (const auto size : chunk)
            {
                bytes *= size;
            }
            Expect(bytes <= MAX_CHUNK_BYTES,
                   name,
                   "has chunks of more than " + std::to_string(MAX_CHUNK_BYTES >> 20) + " MiB");
        }
        return entry;
    }

    Handle OpenAttribute(const std::string& name, const std::string& attribute) const
    {
        const auto object = "/" + name;
        if (H5Aexists_by_name(m_file, object.c_str(), attribute.c_str(), H5P_DEFAULT) <= 0)
        {
            return {};
        }
        return {
            H5Aopen_by_name(m_file, object.c_str(), attribute.c_str(), H5P_DEFAULT, H5P_DEFAULT),
            H5Aclose};
    }

    Array& OpenArray(const std::string& name)
    {
        auto& array = m_arrays[name];
        if (array.handle < 0)
        {
            array.handle = Handle(H5Dopen2(m_file, name.c_str(), H5P_DEFAULT), H5Dclose);
            Expect(array.handle >= 0, name, "cannot be read");
            const auto entry = Describe(name, array.handle);
            array.shape = entry.shape;
            array.isComplex = entry.isComplex;
        }
        return array;
    }

    void Flush(const std::string& name, Array& array)
    {
        if (array.nBuffered == 0)
        {
            return;
        }
        std::vector<hsize_t> start(array.shape.size(), 0);
        std::vector<hsize_t> size(array.shape.begin(), array.shape.end());
        start[0] = array.shape[0];
        array.shape[0] += array.nBuffered;
        size[0] = array.shape[0];
        const bool isExtended = H5Dset_extent(array.handle, size.data()) >= 0;
        size[0] = array.nBuffered;
        const Handle space(H5Dget_space(array.handle), H5Sclose);
        const Handle memory(H5Screate_simple(size.size(), size.data(), nullptr), H5Sclose);
        const Handle type =
            array.isComplex ? MakeComplexType() : Handle(H5Tcopy(H5T_NATIVE_DOUBLE), H5Tclose);
        // Rows without values: nothing to write.
        const bool isWritten =
            array.rowValues == 0 ||
            (H5Sselect_hyperslab(space,
                                 H5S_SELECT_SET,
                                 start.data(),
                                 nullptr,
                                 size.data(),
                                 nullptr) >= 0 &&
             H5Dwrite(array.handle, type, memory, space, H5P_DEFAULT, array.buffer.data()) >= 0);
        Expect(isExtended && isWritten, name, "cannot be written: is the disk full?");
        array.buffer.clear();
        array.nBuffered = 0;
    }

    void WriteText(hid_t object, const std::string& attribute, const std::string& text) const
    {
        const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
        H5Tset_size(type, std::max<std::size_t>(text.size(), 1));
        const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
        const Handle made(
            H5Acreate2(object, attribute.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT),
            H5Aclose);
        Expect(made >= 0 && H5Awrite(made, type, text.data()) >= 0, "", "cannot be written");
    }

    std::string m_path;
    bool m_isNew;
    mutable bool m_isBroken{false}; //!< a new file that could not be written
    Handle m_file;
    std::map<std::string, Array> m_arrays; //!< open ones
};

} // namespace

} // namespace ns3

/// Opens a file; the only symbol that is looked for.
extern "C" __attribute__((visibility("default"))) ns3::CellFreeArrayFile*
OpenIsacArrayFile(const std::string& path, bool isNew)
{
    return new ns3::Hdf5File(path, isNew);
}
